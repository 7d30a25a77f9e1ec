using System.Numerics;

namespace Rubato.Serving.Memory.Arenas;

/// <summary>Free blocks as chunks of 2ᵏ blocks that start at a multiple of 2ᵏ; a chunk grows together with its buddy only, the other half of the next larger one.</summary>
/// <remarks>Source: Knowlton, "A fast storage allocator", 1965. The arena need not be a power of two: what is left over is smaller chunks.</remarks>
internal sealed class BuddySpace : IFreeSpace
{
    /// <summary>By order k: the starts of the free chunks, divided by 2ᵏ.</summary>
    private readonly BlockBitmap[] _chunks;

    public BuddySpace(int total)
    {
        _chunks = [.. Enumerable.Range(0, BitOperations.Log2((uint)total) + 1).Select(order => new BlockBitmap(((total - 1) >> order) + 1))];
        Total = total;
        Add(new(0, total));
    }

    public int Blocks { get; private set; }

    private int Total { get; }

    public int Rounded(int target) => (int)BitOperations.RoundUpToPowerOf2((uint)target);

    public int StartingAt(int block) => OrderAt(block) is >= 0 and var order ? 1 << order : 0;

    public bool TryFind(int target, out BlockRun run)
    {
        var fitting = BitOperations.Log2((uint)Rounded(target));
        var order = Math.Min(fitting, _chunks.Length);
        while (order < _chunks.Length && _chunks[order].IsEmpty)
        {
            order++;
        }

        if (order == _chunks.Length)
        {
            order = Math.Min(fitting, _chunks.Length) - 1;
            while (order >= 0 && _chunks[order].IsEmpty)
            {
                order--;
            }
        }

        run = order < 0 ? default : new(_chunks[order].First() << order, 1 << order);
        return order >= 0;
    }

    public void Take(int start, int count)
    {
        var order = OrderAt(start);
        _chunks[order].Clear(start >> order);
        var size = 1 << order;
        Blocks -= size;
        if (size > count)
        {
            Add(new(start + count, size - count));
        }
    }

    public void Add(BlockRun run)
    {
        for (var start = run.Start; start < run.End;)
        {
            var order = Math.Min(BitOperations.TrailingZeroCount(start), BitOperations.Log2((uint)(run.End - start)));
            AddChunk(start, order);
            start += 1 << order;
        }

        Blocks += run.Count;
    }

    private void AddChunk(int start, int order)
    {
        while (order + 1 < _chunks.Length)
        {
            var buddy = start ^ (1 << order);
            if (buddy >= Total || !_chunks[order].Contains(buddy >> order))
            {
                break;
            }

            _chunks[order].Clear(buddy >> order);
            start = Math.Min(start, buddy);
            order++;
        }

        _chunks[order].Set(start >> order);
    }

    /// <summary>The order of the free chunk that starts at a block; −1 when none does.</summary>
    private int OrderAt(int block)
    {
        if (block < Total)
        {
            var largest = Math.Min(BitOperations.TrailingZeroCount(block), _chunks.Length - 1);
            for (var order = 0; order <= largest; order++)
            {
                if (_chunks[order].Contains(block >> order))
                {
                    return order;
                }
            }
        }

        return -1;
    }
}
