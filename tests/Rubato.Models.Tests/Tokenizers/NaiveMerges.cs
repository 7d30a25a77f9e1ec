namespace Rubato.Models.Tests.Tokenizers;

/// <summary>The definition of byte-pair merging, without any cleverness: look at all pairs, merge the best, begin again.</summary>
internal static class NaiveMerges
{
    /// <param name="symbols">The spellings to merge; changed in place.</param>
    /// <param name="rank">The rank of a pair, lower first, or null when it does not merge.</param>
    public static List<string> Run(List<string> symbols, Func<string, string, double?> rank)
    {
        while (true)
        {
            var best = -1;
            var bestRank = double.PositiveInfinity;
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if (rank(symbols[i], symbols[i + 1]) is { } found && found < bestRank)
                {
                    (best, bestRank) = (i, found);
                }
            }

            if (best < 0)
            {
                return symbols;
            }

            symbols[best] += symbols[best + 1];
            symbols.RemoveAt(best + 1);
        }
    }
}
