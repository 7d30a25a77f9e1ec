namespace Rubato.Serving.Memory.Arenas;

/// <summary>Free blocks as runs of any length; no two of them touch.</summary>
internal sealed class FreeRuns : IFreeSpace
{
    /// <summary>The length of the free run that starts, and of the one that ends, with a block; 0 elsewhere.</summary>
    private readonly PagedArray<int> _lengthFrom;
    private readonly PagedArray<int> _lengthTo;

    /// <summary>Size, then start.</summary>
    private readonly OrderedKeys _bySize = new();

    public FreeRuns(int total)
    {
        _lengthFrom = new(total);
        _lengthTo = new(total);
        Add(new(0, total));
    }

    public int Blocks { get; private set; }

    public int Rounded(int target) => target;

    public int StartingAt(int block) => block < _lengthFrom.Length ? _lengthFrom[block] : 0;

    public bool TryFind(int target, out BlockRun run)
    {
        var found = _bySize.TryCeiling(Key(target, 0), out var key)
            || (_bySize.TryMax(out var largest) && _bySize.TryCeiling(largest & ~(ulong)uint.MaxValue, out key));
        run = new((int)(uint)(key & uint.MaxValue), (int)(key >> 32));
        return found;
    }

    public void Take(int start, int count)
    {
        var length = _lengthFrom[start];
        Remove(start, length);
        if (length > count)
        {
            Insert(start + count, length - count);
        }

        Blocks -= count;
    }

    public void Add(BlockRun run)
    {
        var (start, end) = (run.Start, run.End);
        if (start > 0 && _lengthTo[start - 1] is > 0 and var before)
        {
            start -= before;
            Remove(start, before);
        }

        if (StartingAt(end) is > 0 and var after)
        {
            Remove(end, after);
            end += after;
        }

        Insert(start, end - start);
        Blocks += run.Count;
    }

    /// <summary>All runs in the order of their blocks; looks at every block.</summary>
    public IEnumerable<BlockRun> All() =>
        Enumerable.Range(0, _lengthFrom.Length).Where(block => _lengthFrom[block] > 0).Select(block => new BlockRun(block, _lengthFrom[block]));

    private static ulong Key(int size, int start) => ((ulong)(uint)size << 32) | (uint)start;

    private void Insert(int start, int length)
    {
        _lengthFrom[start] = length;
        _lengthTo[start + length - 1] = length;
        _bySize.Add(Key(length, start));
    }

    private void Remove(int start, int length)
    {
        _lengthFrom[start] = 0;
        _lengthTo[start + length - 1] = 0;
        _bySize.Remove(Key(length, start));
    }
}
