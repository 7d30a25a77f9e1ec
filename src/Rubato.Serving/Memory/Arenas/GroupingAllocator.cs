namespace Rubato.Serving.Memory.Arenas;

/// <summary>Gives each owner groups of consecutive blocks with spare for its growth, and takes spare back when nothing is free.</summary>
internal abstract class GroupingAllocator(string name, int total, IFreeSpace free, GroupSizes sizes) : IBlockAllocator
{
    private readonly OwnedGroups _owned = new(total);

    public string Name => name;

    public int Total => total;

    public int FreeBlocks => free.Blocks;

    public int SpareBlocks => _owned.SpareBlocks;

    public bool TryAllocate(long owner, int count, List<BlockRun> granted)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(granted);
        if (count > FreeBlocks + SpareBlocks)
        {
            return false;
        }

        var slot = _owned.Find(owner);
        var isFirst = slot == OwnedGroups.None;
        slot = isFirst ? _owned.AddOwner(owner) : slot;
        var grants = new Grants(granted, count);
        UseSpare(slot, ref grants);
        var target = Math.Max(grants.Missing, sizes.Least(isFirst, FreeBlocks, total));
        while (grants.Missing > 0)
        {
            if (FreeBlocks == 0)
            {
                Steal(slot, ref grants);
            }
            else if (!TryExtend(slot, target, ref grants))
            {
                TakeRun(slot, target, ref grants);
            }

            target = grants.Missing;
        }

        return true;
    }

    public void Free(BlockRun run)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(run.Count, 1, nameof(run));
        for (var start = run.Start; start < run.End;)
        {
            free.Add(_owned.Cut(new(start, run.End - start), out start));
        }
    }

    public void Reserve(long owner, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (_owned.Find(owner) is not OwnedGroups.None and var slot)
        {
            var last = _owned.LastOf(slot);
            while (_owned[last] is var group && group.Spare < count && free.StartingAt(group.End) is > 0 and var length)
            {
                var taken = Math.Min(length, count - group.Spare);
                free.Take(group.End, taken);
                _owned.Resize(last, group.Capacity + taken, group.Used);
            }
        }
    }

    public void Trim(long owner)
    {
        var spare = _owned.Forget(owner);
        if (spare.Count > 0)
        {
            free.Add(spare);
        }
    }

    /// <summary>The groups of an owner that is not forgotten, in order.</summary>
    internal IEnumerable<BlockGroup> GroupsOf(long owner) => _owned.Of(owner);

    /// <summary>Whether a group grows into the free run behind it before another run is chosen.</summary>
    protected abstract bool Extends { get; }

    private void UseSpare(int owner, ref Grants grants)
    {
        var last = _owned.LastOf(owner);
        if (last != OwnedGroups.None && _owned[last] is { Spare: > 0 } group)
        {
            var used = Math.Min(group.Spare, grants.Missing);
            _owned.Resize(last, group.Capacity, group.Used + used);
            grants.Add(group.UsedEnd, used);
        }
    }

    private bool TryExtend(int owner, int target, ref Grants grants)
    {
        var last = _owned.LastOf(owner);
        if (!Extends || last == OwnedGroups.None || free.StartingAt(_owned[last].End) is not (> 0 and var length))
        {
            return false;
        }

        var group = _owned[last];
        var taken = Math.Min(target, length);
        var used = Math.Min(taken, grants.Missing);
        free.Take(group.End, taken);
        _owned.Resize(last, group.Capacity + taken, group.Used + used);
        grants.Add(group.End, used);
        return true;
    }

    private void TakeRun(int owner, int target, ref Grants grants)
    {
        free.TryFind(target, out var run);
        var taken = Math.Min(free.Rounded(target), run.Count);
        var used = Math.Min(taken, grants.Missing);
        free.Take(run.Start, taken);
        _owned.Append(owner, new(run.Start, taken, used));
        grants.Add(run.Start, used);
    }

    /// <summary>Half of the largest spare, from its end: its owner keeps what it will need first.</summary>
    private void Steal(int owner, ref Grants grants)
    {
        var victim = _owned.LargestSpare();
        var group = _owned[victim];
        var taken = Math.Min(grants.Missing, (group.Spare + 1) / 2);
        _owned.Resize(victim, group.Capacity - taken, group.Used);
        _owned.Append(owner, new(group.End - taken, taken, taken));
        grants.Add(group.End - taken, taken);
    }

    /// <summary>What one call has given so far.</summary>
    private struct Grants(List<BlockRun> runs, int missing)
    {
        private readonly int _before = runs.Count;

        public int Missing { get; private set; } = missing;

        public void Add(int start, int count)
        {
            Missing -= count;
            if (runs.Count > _before && runs[^1].End == start)
            {
                runs[^1] = runs[^1] with { Count = runs[^1].Count + count };
            }
            else
            {
                runs.Add(new(start, count));
            }
        }
    }
}
