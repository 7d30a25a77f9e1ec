using System.Diagnostics.CodeAnalysis;
using Rubato.Core;
using Rubato.Serving.Memory.Arenas;

namespace Rubato.Serving.Memory;

/// <summary>The KV blocks that the model reads and writes: who holds them, what moves them, and what those that nobody holds still contain.</summary>
/// <remarks>
/// A block is held by one or more sequences, by more than one only when its content is fixed. A block that nobody holds is available; with content it waits
/// until its memory is needed, and can be held again. Memory is taken in this order: blocks without content; content in the order of
/// <see cref="ClientShares{T}"/>; content that is still being copied out, and then the taker waits for that transfer.
/// </remarks>
internal sealed class DeviceArena(IBlockAllocator allocator, PrefixIndex index)
{
    private readonly List<BlockRun> _granted = [];
    private readonly ClientShares<DeviceSlot> _cached = new();
    private readonly LinkedList<DeviceSlot> _leaving = new();
    private DeviceSlot?[] _slots = [];

    public int Total => allocator.Total;

    /// <summary>Blocks that nobody holds and nothing writes: those that can be taken.</summary>
    public int Available => allocator.FreeBlocks + allocator.SpareBlocks + _cached.Count + _leaving.Count;

    /// <summary>Blocks that nobody holds and whose content can still be found.</summary>
    public int WithContent => _cached.Count + _leaving.Count;

    /// <summary>Entries of block tables over all holders: a block held by two counts twice.</summary>
    public long References { get; private set; }

    public DeviceSlot this[BlockId block] => _slots[block.Value]!;

    public DeviceSlot this[int block] => _slots[block]!;

    /// <summary>Takes blocks without content, with one holder each; the caller has checked that as many are available.</summary>
    public void Allocate(long owner, int count, List<BlockId> blocks)
    {
        if (count == 0)
        {
            return;
        }

        Check.Invariant(count <= Available, $"{count} blocks asked of {Available} available");
        while (allocator.FreeBlocks + allocator.SpareBlocks < count)
        {
            Evict(_cached.Count > 0 ? _cached.Oldest() : _leaving.First!.Value);
        }

        _granted.Clear();
        Check.Invariant(allocator.TryAllocate(owner, count, _granted), $"{allocator.Name} has no {count} blocks");
        foreach (var run in _granted)
        {
            for (var id = run.Start; id < run.End; id++)
            {
                var slot = SlotOf(id);
                Check.Invariant(slot is { Holders: 0, Content: null, InTicket: 0 }, $"block {id} is handed out with {slot.Holders} holders");
                slot.Holders = 1;
                References++;
                blocks.Add(new(id));
            }
        }
    }

    /// <summary>The owner will not grow any more: what is reserved for it is free.</summary>
    public void Trim(long owner) => allocator.Trim(owner);

    /// <summary>One more holder of a block whose content is fixed.</summary>
    public void Hold(DeviceSlot slot)
    {
        Check.Invariant(slot.Content is not null, $"block {slot.Id} is shared without content");
        Unlist(slot);
        slot.Holders++;
        References++;
    }

    /// <summary>One holder less.</summary>
    public void Release(DeviceSlot slot)
    {
        Check.Invariant(slot.Holders > 0, $"block {slot.Id} is freed twice");
        References--;
        if (--slot.Holders == 0)
        {
            List(slot);
        }
    }

    /// <summary>A transfer that read or wrote a block has ended.</summary>
    public void Settle(DeviceSlot slot)
    {
        if (slot.State != UnheldState.None)
        {
            Unlist(slot);
            List(slot);
        }
    }

    /// <summary>A block loses its content; the memory of one that nobody holds is free.</summary>
    public void Forget(DeviceSlot slot)
    {
        var unheld = slot.State != UnheldState.None;
        Unlist(slot);
        TakeContent(slot);
        if (unheld)
        {
            List(slot);
        }
    }

    /// <summary>Whether a node's block can be read by the model, now or when a transfer ends.</summary>
    public bool TryGet(KvNode node, [NotNullWhen(true)] out DeviceSlot? slot)
    {
        slot = node.Device >= 0 ? _slots[node.Device] : null;
        return slot is not null;
    }

    private void Evict(DeviceSlot slot)
    {
        Unlist(slot);
        TakeContent(slot);
        allocator.Free(new(slot.Id, 1));
    }

    private void TakeContent(DeviceSlot slot)
    {
        var node = slot.Content!;
        slot.Content = null;
        node.Device = -1;
        if (!node.HasHome && node.IsIndexed)
        {
            index.Remove(node);
        }
    }

    private void List(DeviceSlot slot)
    {
        if (slot.InTicket != 0)
        {
            slot.State = UnheldState.Filling;
        }
        else if (slot.Content is null)
        {
            allocator.Free(new(slot.Id, 1));
        }
        else if (slot.OutTicket != 0)
        {
            slot.State = UnheldState.Leaving;
            _leaving.AddLast(slot.Place);
        }
        else
        {
            slot.State = UnheldState.Cached;
            _cached.Add(slot.Content.Client, slot.Place);
        }
    }

    private void Unlist(DeviceSlot slot)
    {
        switch (slot.State)
        {
            case UnheldState.Cached:
                _cached.Remove(slot.Content!.Client, slot.Place);
                break;
            case UnheldState.Leaving:
                _leaving.Remove(slot.Place);
                break;
        }

        slot.State = UnheldState.None;
    }

    private DeviceSlot SlotOf(int id)
    {
        if (id >= _slots.Length)
        {
            Array.Resize(ref _slots, Math.Min(Total, Math.Max(id + 1, Math.Max(64, 2 * _slots.Length))));
        }

        return _slots[id] ??= new(id);
    }
}
