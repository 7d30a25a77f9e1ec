namespace Rubato.Kernels.Attention;

/// <summary>
/// What the rows of one forward pass attend to: each slice is a run of rows of one sequence, and sees the positions of that
/// sequence up to and including its own. Reused from step to step; grows to the largest step and then allocates nothing.
/// </summary>
public sealed class AttentionPlan
{
    // Query rows in one item of work.
    private const int RowsPerItem = 8;

    private readonly int _blockTokens;
    private int[] _rowBlocks = new int[64];
    private int[] _rowOffsets = new int[64];
    private int[] _rowPositions = new int[64];
    private int[] _blocks = new int[64];
    private AttentionItem[] _items = new AttentionItem[16];
    private int _blockCount;
    private int _itemCount;
    private int _largestBlock = -1;

    /// <summary>Makes an empty plan for blocks of <paramref name="blockTokens"/> positions.</summary>
    public AttentionPlan(int blockTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockTokens, 1);
        _blockTokens = blockTokens;
    }

    /// <summary>Rows over all slices.</summary>
    public int Rows { get; private set; }

    /// <summary>Most positions that a row sees.</summary>
    public int PositionsMax { get; private set; }

    /// <summary>The position of each row in its sequence.</summary>
    public ReadOnlySpan<int> Positions => _rowPositions.AsSpan(0, Rows);

    internal ReadOnlySpan<int> RowBlocks => _rowBlocks.AsSpan(0, Rows);

    internal ReadOnlySpan<int> RowOffsets => _rowOffsets.AsSpan(0, Rows);

    internal ReadOnlySpan<int> Blocks => _blocks.AsSpan(0, _blockCount);

    internal ReadOnlySpan<AttentionItem> Items => _items.AsSpan(0, _itemCount);

    /// <summary>Forgets all slices.</summary>
    public void Clear()
    {
        Rows = PositionsMax = _blockCount = _itemCount = 0;
        _largestBlock = -1;
    }

    /// <summary>Appends a slice.</summary>
    /// <param name="start">Position of its first row in the sequence, at least 0.</param>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="blockTable">Number of the block that holds positions i · blockTokens …; covers start + rows positions.</param>
    /// <exception cref="ArgumentException">The block table is too short or holds a negative number.</exception>
    public void Append(int start, int rows, ReadOnlySpan<int> blockTable)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        var blocks = (int)(((long)start + rows + _blockTokens - 1) / _blockTokens);
        if (blockTable.Length < blocks || blockTable[..blocks].ContainsAnyExceptInRange(0, int.MaxValue))
        {
            throw new ArgumentException(
                $"Positions {start} … {start + (rows - 1L)} need {blocks} blocks of {_blockTokens}, the table has {blockTable.Length}.", nameof(blockTable));
        }

        Reserve(ref _rowBlocks, Rows + rows);
        Reserve(ref _rowOffsets, Rows + rows);
        Reserve(ref _rowPositions, Rows + rows);
        Reserve(ref _blocks, _blockCount + blocks);
        for (var row = 0; row < rows; row++)
        {
            _rowPositions[Rows + row] = start + row;
            _rowBlocks[Rows + row] = blockTable[(start + row) / _blockTokens];
            _rowOffsets[Rows + row] = (start + row) % _blockTokens;
        }

        for (var row = 0; row < rows; row += RowsPerItem)
        {
            Reserve(ref _items, _itemCount + 1);
            _items[_itemCount++] = new(Rows + row, Math.Min(RowsPerItem, rows - row), start + row, _blockCount);
        }

        foreach (var block in blockTable[..blocks])
        {
            _largestBlock = Math.Max(_largestBlock, block);
            _blocks[_blockCount++] = block;
        }

        Rows += rows;
        PositionsMax = Math.Max(PositionsMax, start + rows);
    }

    internal void CheckFits(PagedKeyValues cache, int layer)
    {
        if (_largestBlock >= cache.Blocks || _blockTokens != cache.Shape.BlockTokens || (uint)layer >= (uint)cache.Shape.Layers)
        {
            throw new ArgumentException(
                $"Block {_largestBlock} of {_blockTokens} positions in layer {layer} is not in a cache of {cache.Blocks} blocks, {cache.Shape}.");
        }
    }

    private static void Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, Math.Max(length, array.Length * 2));
        }
    }
}

/// <summary>Some consecutive rows of one slice.</summary>
/// <param name="FirstRow">First row in the activations.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Start">Position of the first row in its sequence.</param>
/// <param name="FirstBlock">Where the sequence's block table begins in the plan's list of blocks.</param>
internal readonly record struct AttentionItem(int FirstRow, int Rows, int Start, int FirstBlock);
