using Rubato.Core;

namespace Rubato.Simulation.Serving;

/// <summary>Draws tokens that depend on a key and a position only.</summary>
internal static class SimulatedTokens
{
    private const int VocabularySize = 1000;

    /// <summary>A token, never the stop token.</summary>
    public static int At(ulong key, int position) => 1 + (int)(Prng.Mix(key, (ulong)position) % (VocabularySize - 1));
}
