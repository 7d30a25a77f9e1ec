using Rubato.Core;

namespace Rubato.Serving.Memory.Arenas;

/// <summary>The groups of all owners: in the order in which an owner got them, by block, and by spare.</summary>
/// <remarks>Only the last group of an owner has spare, and only while the owner is remembered. An owner without groups is not remembered.</remarks>
internal sealed class OwnedGroups(int total)
{
    /// <summary>The number of no group and of no owner.</summary>
    public const int None = 0;

    private readonly Dictionary<long, int> _owners = [];
    private readonly BlockBitmap _starts = new(total);

    /// <summary>By first block: the group; meaningless at other blocks.</summary>
    private readonly PagedArray<int> _groupAt = new(total);

    /// <summary>Spare, then the lower start: the last is the victim.</summary>
    private readonly OrderedKeys _bySpare = new();
    private readonly SlotArray<GroupSlot> _groups = new();
    private readonly SlotArray<OwnerSlot> _ownerSlots = new();

    /// <summary>Over all owners.</summary>
    public int SpareBlocks { get; private set; }

    /// <summary>The number of an owner; <see cref="None"/> when it has no blocks.</summary>
    public int Find(long owner) => _owners.GetValueOrDefault(owner);

    public int AddOwner(long owner)
    {
        var slot = _ownerSlots.Take();
        _ownerSlots[slot] = new() { Owner = owner };
        _owners.Add(owner, slot);
        return slot;
    }

    /// <summary>The last group of an owner; <see cref="None"/> when it has none.</summary>
    public int LastOf(int owner) => _ownerSlots[owner].Last;

    public BlockGroup this[int group] => _groups[group].Extent;

    /// <summary>The groups of an owner that is remembered, in order.</summary>
    public IEnumerable<BlockGroup> Of(long owner)
    {
        for (var group = _ownerSlots[Find(owner)].First; group != None; group = _groups[group].Next)
        {
            yield return _groups[group].Extent;
        }
    }

    /// <summary>A new last group.</summary>
    public void Append(int owner, BlockGroup extent) => Insert(owner, LastOf(owner), extent);

    /// <summary>More or fewer blocks at the end of a group.</summary>
    public void Resize(int group, int capacity, int used)
    {
        ref var slot = ref _groups[group];
        IndexSpare(slot.Extent, false);
        slot.Extent = slot.Extent with { Capacity = capacity, Used = used };
        IndexSpare(slot.Extent, true);
    }

    /// <summary>The group with the largest spare, the lowest of equals.</summary>
    public int LargestSpare()
    {
        var found = _bySpare.TryMax(out var key);
        Check.Invariant(found, $"nothing is spare of {total} blocks");
        return _groupAt[(int)(uint.MaxValue - (key & uint.MaxValue))];
    }

    /// <summary>Forgets an owner; its used blocks stay.</summary>
    /// <returns>What was spare; no blocks when nothing was.</returns>
    public BlockRun Forget(long owner)
    {
        if (!_owners.Remove(owner, out var slot))
        {
            return default;
        }

        _ownerSlots[slot].Forgotten = true;
        var group = _ownerSlots[slot].Last;
        var extent = _groups[group].Extent;
        Resize(group, extent.Used, extent.Used);
        return new(extent.UsedEnd, extent.Spare);
    }

    /// <summary>Takes used blocks out of the group in which the first of them lies: all of the run, or as many as the group has.</summary>
    /// <returns>What is free now: those, and the spare behind them when the last block before it is among them.</returns>
    /// <param name="run">Any used blocks.</param>
    /// <param name="end">The block behind the last used one that was taken.</param>
    public BlockRun Cut(BlockRun run, out int end)
    {
        var start = run.Start < 0 || run.End > total ? -1 : _starts.Floor(run.Start);
        Check.Invariant(start >= 0, $"blocks {run} of {total} are freed and nobody was given them");
        var group = _groupAt[start];
        var extent = _groups[group].Extent;
        Check.Invariant(run.Start < extent.UsedEnd, $"block {run.Start} is freed and not used; the group before it is {extent}");
        end = Math.Min(run.End, extent.UsedEnd);
        var keepsHead = run.Start > start;
        var keepsTail = end < extent.UsedEnd;
        if (keepsHead)
        {
            Resize(group, run.Start - start, run.Start - start);
        }

        // Before the group may go: its owner is forgotten with its last.
        if (keepsTail)
        {
            Insert(_groups[group].Owner, group, new(end, extent.End - end, extent.UsedEnd - end));
        }

        if (!keepsHead)
        {
            Remove(group);
        }

        return new(run.Start, (keepsTail ? end : extent.End) - run.Start);
    }

    private void Insert(int owner, int before, BlockGroup extent)
    {
        var group = _groups.Take();
        ref var slot = ref _ownerSlots[owner];
        var after = before == None ? slot.First : _groups[before].Next;
        _groups[group] = new() { Extent = extent, Owner = owner, Previous = before, Next = after };
        (before == None ? ref slot.First : ref _groups[before].Next) = group;
        (after == None ? ref slot.Last : ref _groups[after].Previous) = group;
        _starts.Set(extent.Start);
        _groupAt[extent.Start] = group;
        IndexSpare(extent, true);
    }

    private void Remove(int group)
    {
        var gone = _groups[group];
        ref var slot = ref _ownerSlots[gone.Owner];
        (gone.Previous == None ? ref slot.First : ref _groups[gone.Previous].Next) = gone.Next;
        (gone.Next == None ? ref slot.Last : ref _groups[gone.Next].Previous) = gone.Previous;
        _starts.Clear(gone.Extent.Start);
        IndexSpare(gone.Extent, false);
        _groups.Return(group);
        if (slot.First == None)
        {
            if (!slot.Forgotten)
            {
                _owners.Remove(slot.Owner);
            }

            _ownerSlots.Return(gone.Owner);
        }
    }

    private void IndexSpare(BlockGroup extent, bool present)
    {
        if (extent.Spare == 0)
        {
            return;
        }

        var key = ((ulong)(uint)extent.Spare << 32) | (uint.MaxValue - (uint)extent.Start);
        if (present)
        {
            _bySpare.Add(key);
            SpareBlocks += extent.Spare;
        }
        else
        {
            _bySpare.Remove(key);
            SpareBlocks -= extent.Spare;
        }
    }

    private struct GroupSlot
    {
        public BlockGroup Extent;
        public int Owner;

        /// <summary>In the order of the owner.</summary>
        public int Previous;
        public int Next;
    }

    private struct OwnerSlot
    {
        public long Owner;
        public int First;
        public int Last;
        public bool Forgotten;
    }
}
