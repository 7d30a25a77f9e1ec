using Rubato.Core;
using Rubato.Serving.Memory.Arenas;

namespace Rubato.Serving.Memory;

/// <summary>The second home of KV blocks: copies of what is on the device, and what is not there any more.</summary>
/// <remarks>
/// A copy that a live sequence needs and that has no other home is never taken. Room is made in this order: spare; copies that no live
/// sequence needs, in the order of <see cref="ClientShares{T}"/>; then those that the caller offers: copies of what the device has too.
/// </remarks>
internal sealed class SwapArena(IBlockAllocator allocator, PrefixIndex index)
{
    private readonly List<BlockRun> _granted = [];
    private readonly ClientShares<KvNode> _idle = new();
    private readonly Dictionary<long, int> _blocksOf = [];

    public int Total => allocator.Total;

    /// <summary>Blocks with a copy in them, or on its way.</summary>
    public int Used { get; private set; }

    /// <summary>Copies that no live sequence needs.</summary>
    public int Idle => _idle.Count;

    /// <summary>Blocks that can be had without taking from a live sequence.</summary>
    public int Available => allocator.FreeBlocks + allocator.SpareBlocks + _idle.Count;

    /// <summary>Gives each node a swap block, to be written by a transfer; the caller has checked that as many are available.</summary>
    public void Place(long conversation, ReadOnlySpan<KvNode> nodes, long ticket, int reserve)
    {
        while (allocator.FreeBlocks + allocator.SpareBlocks < nodes.Length)
        {
            Drop(_idle.Oldest());
        }

        _granted.Clear();
        Check.Invariant(allocator.TryAllocate(conversation, nodes.Length, _granted), $"{allocator.Name} has no {nodes.Length} swap blocks");
        var next = 0;
        foreach (var run in _granted)
        {
            for (var block = run.Start; block < run.End; block++)
            {
                var node = nodes[next++];
                Check.Invariant(node is { Swap: < 0, SwapTicket: 0 }, $"a node with swap block {node.Swap} is placed again");
                (node.Swap, node.SwapTicket) = (block, ticket);
                node.Conversation = conversation;
            }
        }

        Used += nodes.Length;
        _blocksOf[conversation] = _blocksOf.GetValueOrDefault(conversation) + nodes.Length;
        if (reserve > 0)
        {
            allocator.Reserve(conversation, reserve);
        }
    }

    /// <summary>Frees a copy that no transfer reads or writes.</summary>
    public void Drop(KvNode node)
    {
        Check.Invariant(node is { Swap: >= 0, SwapTicket: 0, SwapReaders: 0 }, $"swap block {node.Swap} is dropped in transfer");
        if (node.IsIdle)
        {
            _idle.Remove(node.Client, node.SwapPlace);
            node.IsIdle = false;
        }

        allocator.Free(new(node.Swap, 1));
        node.Swap = -1;
        Used--;
        if ((_blocksOf[node.Conversation] -= 1) == 0)
        {
            _blocksOf.Remove(node.Conversation);
            allocator.Trim(node.Conversation);
        }

        if (!node.HasHome && node.IsIndexed)
        {
            index.Remove(node);
        }
    }

    /// <summary>Users or transfers of a node have changed.</summary>
    public void Settle(KvNode node)
    {
        var free = node.HasSwapCopy && node.SwapReaders == 0;
        if (free && node.IsAbandoned)
        {
            Drop(node);
            return;
        }

        var idle = free && node.Users == 0;
        if (idle != node.IsIdle)
        {
            node.IsIdle = idle;
            if (idle)
            {
                _idle.Add(node.Client, node.SwapPlace);
            }
            else
            {
                _idle.Remove(node.Client, node.SwapPlace);
            }
        }
    }
}
