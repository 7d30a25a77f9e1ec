using Rubato.Core;

namespace Rubato.Hosting.Engine;

/// <summary>The engine has failed for good and takes no more requests; its log says why.</summary>
public sealed class EngineFaultedException : RubatoException
{
    internal const string Explanation = "The engine has failed; the server must be restarted.";

    /// <summary>Makes the exception.</summary>
    public EngineFaultedException() : base(Explanation)
    {
    }
}
