namespace Rubato.Serving.Memory.Arenas;

/// <summary>The free blocks of an arena, as runs to choose from.</summary>
internal interface IFreeSpace
{
    /// <summary>How many there are.</summary>
    int Blocks { get; }

    /// <summary>How many blocks a request for <paramref name="target"/> takes from a run that has them.</summary>
    int Rounded(int target);

    /// <summary>The length of the run that starts at a block; 0 when none does. The number of blocks is a valid argument.</summary>
    int StartingAt(int block);

    /// <summary>The smallest run of at least <paramref name="target"/> blocks, or else the largest; the lowest of equals.</summary>
    /// <returns>False when nothing is free.</returns>
    bool TryFind(int target, out BlockRun run);

    /// <summary>The first <paramref name="count"/> blocks of the run that starts at a block are not free any more.</summary>
    void Take(int start, int count);

    /// <summary>Blocks become free; neighbours grow together as far as the kind of space allows it.</summary>
    void Add(BlockRun run);
}
