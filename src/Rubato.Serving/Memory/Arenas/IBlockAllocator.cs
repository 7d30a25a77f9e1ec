namespace Rubato.Serving.Memory.Arenas;

/// <summary>Decides which block numbers of an arena an owner is given: what lies together moves in few copies.</summary>
/// <remarks>
/// A block is free, used, or spare: reserved behind the blocks of an owner for its growth, and taken from it when nothing is free.
/// Free + used + spare = Total, always. What an owner is, its caller says: a conversation, mostly. Not thread-safe.
/// </remarks>
public interface IBlockAllocator
{
    /// <summary>The name in flags, journals and reports.</summary>
    string Name { get; }

    /// <summary>Blocks in the arena.</summary>
    int Total { get; }

    /// <summary>Blocks that are neither used nor spare.</summary>
    int FreeBlocks { get; }

    /// <summary>Blocks that are reserved and not used, over all owners: available to everybody.</summary>
    int SpareBlocks { get; }

    /// <summary>Gives <paramref name="count"/> blocks more to an owner, in the order in which they follow its earlier ones.</summary>
    /// <param name="owner">Any number.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="granted">Gets runs of <paramref name="count"/> blocks together, at its end.</param>
    /// <returns>False, and nothing has changed, when FreeBlocks + SpareBlocks are fewer.</returns>
    bool TryAllocate(long owner, int count, List<BlockRun> granted);

    /// <summary>Used blocks become free, whoever was given them; neighbours grow together.</summary>
    void Free(BlockRun run);

    /// <summary>Reserves up to <paramref name="count"/> free blocks right behind the last block of an owner, as far as they follow it.</summary>
    void Reserve(long owner, int count);

    /// <summary>The spare of an owner becomes free, and the owner is forgotten; its used blocks stay used.</summary>
    void Trim(long owner);
}
