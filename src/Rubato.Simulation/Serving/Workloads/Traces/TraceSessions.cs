namespace Rubato.Simulation.Serving.Traces;

/// <summary>Finds which requests of a trace are turns of one session.</summary>
internal static class TraceSessions
{
    /// <summary>
    /// Of each request its parent, or −1: the latest earlier request of which all blocks but the last are a beginning of this one. What everybody has,
    /// the first block alone, makes no session.
    /// </summary>
    public static int[] Parents(ReadOnlySpan<TraceRow> rows)
    {
        // By the place and name of the last full block: an equal name means an equal beginning.
        var latest = new Dictionary<(int Place, int Name), int>();
        var parents = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var blocks = rows[i].PrefixBlocks;
            parents[i] = -1;
            for (var place = blocks.Length - 1; place > 0 && parents[i] < 0; place--)
            {
                if (latest.TryGetValue((place, blocks[place]), out var parent))
                {
                    parents[i] = parent;
                }
            }

            if (blocks.Length >= 3)
            {
                latest[(blocks.Length - 2, blocks[^2])] = i;
            }
        }

        return parents;
    }
}
