using Rubato.Core;

namespace Rubato.Hosting.Transfers.Benchmarks;

/// <summary>Which blocks of an arena a conversation has: groups of neighbours in random places that do not touch.</summary>
internal static class BlockPlacement
{
    /// <summary>Blocks that an arena needs for <see cref="Draw"/> to have a choice.</summary>
    public static int ArenaBlocks(int blocks, int groupBlocks) => checked(3 * Slots(blocks, groupBlocks) * (Math.Min(groupBlocks, blocks) + 1));

    /// <summary>The blocks in the order of the conversation.</summary>
    /// <param name="prng">Chooses the places.</param>
    /// <param name="arena">Blocks of the arena.</param>
    /// <param name="blocks">Blocks of the conversation.</param>
    /// <param name="groupBlocks">Neighbours in each group; the last may have fewer.</param>
    public static int[] Draw(Prng prng, int arena, int blocks, int groupBlocks)
    {
        var group = Math.Min(groupBlocks, blocks);
        var slots = Enumerable.Range(0, arena / (group + 1)).ToArray();
        prng.Shuffle(slots.AsSpan());
        return [.. Enumerable.Range(0, blocks).Select(i => (slots[i / group] * (group + 1)) + (i % group))];
    }

    private static int Slots(int blocks, int groupBlocks) => ((blocks - 1) / Math.Min(groupBlocks, blocks)) + 1;
}
