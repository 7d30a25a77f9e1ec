using Rubato.Core;
using Rubato.Serving.Memory.Arenas;
using Rubato.Serving.Switching;

namespace Rubato.Serving.Memory;

/// <summary>Keys and values by content, in two tiers: equal beginnings are computed once, and copied out once.</summary>
/// <remarks>
/// <para>Every full, computed block of a running sequence is a node of the prefix tree, and what several sequences have in common lies in one block.
/// A sequence that was preempted keeps its chain of nodes, and its partly filled last block as a node of its own; what of the chain has a home
/// when its turn comes is not computed again.</para>
/// <para>Source of the shape: Kwon et al., "PagedAttention", SOSP 2023; Zheng et al., "SGLang", 2024; reuse of swap copies after Shen et
/// al., "FastSwitch", 2024.</para>
/// </remarks>
internal sealed class KvStore
{
    private readonly PrefixIndex _index = new();
    private readonly int _blockTokens;
    private readonly bool _shares;
    private readonly bool _publishes;
    private readonly int[] _tokens;

    public KvStore(SchedulerLimits limits)
    {
        var switching = limits.Switching;
        _blockTokens = limits.BlockTokens;
        _shares = limits.PrefixCaching;
        _publishes = limits.PrefixCaching || switching.Swaps;
        _tokens = new int[_blockTokens];
        Device = new(AllocatorOf(switching, limits.KvBlocks), _index);
        Swap = switching.Swaps ? new(AllocatorOf(switching, switching.SwapBlocks), _index) : null;
    }

    public DeviceArena Device { get; }

    /// <summary>Null when victims are computed again.</summary>
    public SwapArena? Swap { get; }

    /// <summary>The nodes that hold the beginning of a sequence. At least its last known token is left to compute.</summary>
    public void FindChain(SequenceState sequence, List<KvNode> chain)
    {
        chain.Clear();
        if (sequence.Nodes.Count > 0)
        {
            foreach (var node in sequence.Nodes)
            {
                if (!node.HasHome)
                {
                    break;
                }

                chain.Add(node);
            }
        }
        else if (_shares && sequence.Request.HiddenStates != HiddenStateUse.All)
        {
            LookUp(sequence, chain);
        }
    }

    /// <summary>Makes nodes of the blocks that became full since the last call.</summary>
    /// <returns>How many nodes the sequence has more.</returns>
    public int Publish(SequenceState sequence)
    {
        if (!_publishes)
        {
            return 0;
        }

        var before = sequence.Nodes.Count;
        for (var index = before; (index + 1) * _blockTokens <= sequence.ComputedTokens; index++)
        {
            var parent = index == 0 ? null : sequence.Nodes[index - 1];
            Use(sequence, PublishBlock(sequence, index, KeyOf(sequence, index, parent)));
        }

        return sequence.Nodes.Count - before;
    }

    /// <summary>A sequence takes a node into its chain: it will not be taken from it while it has no other home.</summary>
    public void Use(SequenceState sequence, KvNode node)
    {
        node.Users++;
        Swap?.Settle(node);
        sequence.Nodes.Add(node);
    }

    /// <summary>A sequence gives up its chain behind the first <paramref name="count"/> nodes.</summary>
    public void Truncate(SequenceState sequence, int count)
    {
        for (var i = sequence.Nodes.Count - 1; i >= count; i--)
        {
            var node = sequence.Nodes[i];
            sequence.Nodes.RemoveAt(i);
            node.Users--;
            if (!_shares)
            {
                Abandon(node);
            }

            Swap?.Settle(node);
        }
    }

    /// <summary>Nobody will look for a node again.</summary>
    public void Abandon(KvNode node)
    {
        node.IsAbandoned = true;
        if (Device.TryGet(node, out var slot))
        {
            Device.Forget(slot);
        }

        Swap?.Settle(node);
    }

    /// <summary>The partly filled last block of a sequence, as a node that only this sequence knows.</summary>
    public KvNode? MakeTail(SequenceState sequence)
    {
        var full = sequence.ComputedTokens / _blockTokens;
        var rest = sequence.ComputedTokens - (full * _blockTokens);
        if (rest == 0)
        {
            return null;
        }

        var slot = Device[sequence.Blocks[full]];
        var tail = new KvNode(null, "", new int[rest], 0) { Device = slot.Id, Client = sequence.Client, Users = 1 };
        slot.Content = tail;
        return tail;
    }

    /// <summary>All blocks of a sequence have one holder less. The first is the last to lose its content, for the others are of no use without it.</summary>
    public void ReleaseBlocks(SequenceState sequence)
    {
        for (var i = sequence.Blocks.Length - 1; i >= 0; i--)
        {
            Device.Release(Device[sequence.Blocks[i]]);
        }

        sequence.Blocks = [];
        Device.Trim(sequence.ArrivalNumber);
    }

    /// <summary>Whether another sequence is about to compute the next block that a waiting sequence needs: waiting for it is cheaper.</summary>
    /// <param name="sequence">The waiting sequence.</param>
    /// <param name="chain">What <see cref="FindChain"/> gives for it.</param>
    /// <param name="other">The other sequence.</param>
    /// <param name="others">Its chain.</param>
    /// <param name="computed">How many of its tokens need not be computed any more.</param>
    public bool IsComing(SequenceState sequence, List<KvNode> chain, SequenceState other, List<KvNode> others, int computed)
    {
        var next = chain.Count;
        var end = (next + 1) * _blockTokens;
        if (next >= BlocksMax(sequence)
            || other.KnownTokens < end
            || computed >= end
            || other.Salt != sequence.Salt
            || (next > 0 && (others.Count < next || others[next - 1] != chain[next - 1])))
        {
            return false;
        }

        sequence.CopyTokens(next * _blockTokens, _tokens);
        return other.HasTokens(next * _blockTokens, _tokens);
    }

    private static IBlockAllocator AllocatorOf(SwitchingOptions switching, int blocks) =>
        BlockAllocators.Create(switching.Allocator, blocks, switching.Groups);

    private void LookUp(SequenceState sequence, List<KvNode> chain)
    {
        var parent = default(KvNode);
        for (var index = 0; index < BlocksMax(sequence); index++)
        {
            if (!_index.TryFind(KeyOf(sequence, index, parent), out parent))
            {
                break;
            }

            chain.Add(parent);
        }
    }

    private KvNode PublishBlock(SequenceState sequence, int index, BlockKey key)
    {
        var slot = Device[sequence.Blocks[index]];
        Check.Invariant(slot is { Holders: 1, Content: null }, $"block {slot.Id} of {slot.Holders} holders is published twice");
        if (!_index.TryFind(key, out var node))
        {
            node = _index.Add(key);
            (node.Conversation, node.Client) = (sequence.Conversation, sequence.Client);
        }

        if (!Device.TryGet(node, out var same))
        {
            node.Device = slot.Id;
            slot.Content = node;
        }
        else if (same.InTicket == 0)
        {
            Device.Hold(same);
            Device.Release(slot);
            sequence.Blocks = sequence.Blocks.SetItem(index, new(same.Id));
        }

        return node;
    }

    private int BlocksMax(SequenceState sequence) => (sequence.KnownTokens - 1) / _blockTokens;

    private BlockKey KeyOf(SequenceState sequence, int index, KvNode? parent)
    {
        sequence.CopyTokens(index * _blockTokens, _tokens);
        return new(parent, sequence.Salt, _tokens);
    }
}
