using Rubato.Core;

namespace Rubato.Hosting.Engine;

/// <summary>A generation that broke off: the executor failed or the engine stopped. Raised by the enumeration of its events.</summary>
public sealed class GenerationFailedException : RubatoException
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public GenerationFailedException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with its one-line message and what caused it.</summary>
    public GenerationFailedException(string message, Exception inner) : base(message, inner)
    {
    }
}
