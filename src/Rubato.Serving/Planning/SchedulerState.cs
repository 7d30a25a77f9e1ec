using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Memory;
using Rubato.Serving.Queueing;
using Rubato.Serving.Switching;

namespace Rubato.Serving.Planning;

/// <summary>All that changes in a scheduler, and the moves between waiting, running, swapped out and ended.</summary>
internal sealed class SchedulerState
{
    private readonly Dictionary<RequestId, SequenceState> _alive = [];
    private readonly List<FinishedRequest> _unreported = [];
    private readonly List<KvNode> _chain = [];

    public SchedulerState(SchedulerLimits limits, IServicePolicy policy)
    {
        Limits = limits;
        Policy = policy;
        Store = new(limits);
        Transfers = new(Store, limits.Switching);
    }

    public SchedulerLimits Limits { get; }

    public IServicePolicy Policy { get; }

    public KvStore Store { get; }

    public KvTransfers Transfers { get; }

    /// <summary>Admitted and not ended, in order of arrival.</summary>
    public List<SequenceState> Live { get; } = [];

    /// <summary>Those of them that hold blocks, in order of arrival.</summary>
    public RunningList Running { get; } = new();

    public SchedulerCounters Counters { get; set; }

    public IReadOnlyDictionary<RequestId, SequenceState> Alive => _alive;

    public int WaitingCount => Live.Count - Running.Count;

    public bool HasUnreported => _unreported.Count > 0;

    public void Enqueue(Request request, Instant now)
    {
        var number = Counters.Admitted;
        var salt = Limits.PrefixCaching ? request.CacheSalt : $"\u0001{number}";
        var sequence = new SequenceState(request, number, now, salt);
        _alive.Add(request.Id, sequence);
        Live.Add(sequence);
        Counters = Counters with { Admitted = number + 1 };
        Store.FindChain(sequence, _chain);
        sequence.MatchedTokens = _chain.Count * Limits.BlockTokens;
        sequence.BlocksWanted = Limits.BlocksFor(sequence.KnownTokens);
        Policy.Arrived(sequence, now);
    }

    /// <summary>Waiting or swapped out → running. What of its chain has a home is held or brought in; blocks are taken for all other known tokens.</summary>
    /// <param name="sequence">Which.</param>
    /// <param name="chain">What <see cref="KvStore.FindChain"/> gives.</param>
    /// <param name="scratch">For the call.</param>
    /// <param name="now">The time.</param>
    /// <returns>False, and nothing has changed, when too few blocks are available.</returns>
    public bool TryStart(SequenceState sequence, List<KvNode> chain, List<BlockId> scratch, Instant now)
    {
        var tail = TailBehind(sequence, chain);
        var (device, unheld) = (0, 0);
        CountHomes(chain, tail, ref device, ref unheld);
        var fresh = Limits.BlocksFor(sequence.KnownTokens) - device;
        if (fresh + unheld > Store.Device.Available)
        {
            return false;
        }

        Start(sequence, chain, tail, fresh, scratch, now);
        return true;
    }

    /// <summary>Running → swapped out, or waiting to be computed again. What was generated is kept.</summary>
    public void Preempt(SequenceState sequence, Instant now)
    {
        Check.Invariant(!sequence.InFlight, $"{sequence.Id} is preempted in flight");
        var isWhole = sequence.WaitsFor.Count == 0;
        TransferLedger.StopWaiting(sequence);
        if (Limits.Switching.Swaps && isWhole)
        {
            CopyOut(sequence, now);
        }

        Leave(sequence, keepsChain: Limits.Switching.Swaps);
        Counters = Counters with { Preemptions = Counters.Preemptions + 1 };
    }

    /// <summary>Blocks of a running sequence did not come: it waits again, and what still has a home is not computed.</summary>
    public void Restart(SequenceState sequence)
    {
        if (sequence.Phase == SequencePhase.Running)
        {
            TransferLedger.StopWaiting(sequence);
            Leave(sequence, keepsChain: true);
            Counters = Counters with { LostSwapIns = Counters.LostSwapIns + 1 };
        }
    }

    /// <summary>Any → ended; to be reported by the next completion.</summary>
    public void End(SequenceState sequence, FinishReason reason, Instant now)
    {
        TransferLedger.StopWaiting(sequence);
        if (sequence.Phase == SequencePhase.Running)
        {
            Running.Remove(sequence);
            Store.ReleaseBlocks(sequence);
        }

        if (Limits.Switching is { Swaps: true, CopyFinishedTurns: true } && Limits.PrefixCaching)
        {
            foreach (var node in sequence.Nodes)
            {
                Transfers.CopyLater(node);
            }
        }

        DropTail(sequence);
        Store.Truncate(sequence, 0);
        Live.Remove(sequence);
        sequence.Phase = SequencePhase.Ended;
        Policy.Left(sequence, now);
        _unreported.Add(new(sequence.Id, reason, sequence.OutputTokens) { CachedTokens = sequence.CachedTokens ?? 0 });
        Counters = reason switch
        {
            FinishReason.Stop => Counters with { Stopped = Counters.Stopped + 1 },
            FinishReason.Length => Counters with { LengthLimited = Counters.LengthLimited + 1 },
            _ => Counters with { Cancelled = Counters.Cancelled + 1 },
        };
    }

    /// <summary>Everything that ended since the last call; their identities are free for use again.</summary>
    public IReadOnlyList<FinishedRequest> TakeFinished()
    {
        if (_unreported.Count == 0)
        {
            return [];
        }

        var finished = _unreported.ToArray();
        _unreported.Clear();
        foreach (var request in finished)
        {
            _alive.Remove(request.Id);
        }

        return finished;
    }

    /// <summary>The node of the partly filled last block, when everything before it is there too.</summary>
    public KvNode? TailBehind(SequenceState sequence, List<KvNode> chain) =>
        sequence.Tail is { HasHome: true } tail && chain.Count == sequence.Nodes.Count ? tail : null;

    /// <summary>How many of these nodes are on the device, and how many of those nobody holds.</summary>
    public void CountHomes(List<KvNode> chain, KvNode? tail, ref int device, ref int unheld)
    {
        foreach (var node in chain)
        {
            CountHome(node, ref device, ref unheld);
        }

        if (tail is not null)
        {
            CountHome(tail, ref device, ref unheld);
        }
    }

    private void CountHome(KvNode node, ref int device, ref int unheld)
    {
        if (Store.Device.TryGet(node, out var slot))
        {
            device++;
            unheld += slot.Holders == 0 && slot.State != UnheldState.Filling ? 1 : 0;
        }
    }

    private void Start(SequenceState sequence, List<KvNode> chain, KvNode? tail, int fresh, List<BlockId> scratch, Instant now)
    {
        var wasSwapped = sequence.Phase == SequencePhase.Swapped;
        var computed = (chain.Count * Limits.BlockTokens) + (tail?.Tokens.Length ?? 0);
        TakeChain(sequence, chain);
        HoldHomes(chain, tail);
        scratch.Clear();
        Store.Device.Allocate(sequence.ArrivalNumber, fresh, scratch);
        sequence.Blocks = PlaceChain(sequence, chain, tail, scratch, now);
        if (tail is null)
        {
            DropTail(sequence); // What was before it is gone.
        }

        sequence.Tail = null;
        CountStarted(sequence, computed, wasSwapped);
        sequence.Start(computed);
        Running.Add(sequence);
    }

    private void TakeChain(SequenceState sequence, List<KvNode> chain)
    {
        if (sequence.Nodes.Count > 0)
        {
            Store.Truncate(sequence, chain.Count);
            return;
        }

        foreach (var node in chain)
        {
            Store.Use(sequence, node);
        }

        if (chain.Count > 0)
        {
            sequence.Conversation = chain[^1].Conversation;
        }
    }

    private void HoldHomes(List<KvNode> chain, KvNode? tail)
    {
        foreach (var node in chain)
        {
            if (Store.Device.TryGet(node, out var slot))
            {
                Store.Device.Hold(slot);
            }
        }

        if (tail is not null && Store.Device.TryGet(tail, out var last))
        {
            Store.Device.Hold(last);
        }
    }

    /// <summary>The block table: homes on the device, blocks that are read into, blocks to compute.</summary>
    private ImmutableArray<BlockId> PlaceChain(
        SequenceState sequence, List<KvNode> chain, KvNode? tail, List<BlockId> fresh, Instant now)
    {
        var blocks = ImmutableArray.CreateBuilder<BlockId>(Limits.BlocksFor(sequence.KnownTokens));
        var incoming = Transfers.BeginIn(sequence, now);
        var next = 0;
        foreach (var node in chain)
        {
            if (Store.Device.TryGet(node, out var home))
            {
                WaitForContent(sequence, home);
                blocks.Add(new(home.Id));
                continue;
            }

            var slot = Store.Device[fresh[next++]];
            (slot.Content, node.Device) = (node, slot.Id);
            Transfers.AddIn(incoming, node, slot);
            blocks.Add(new(slot.Id));
        }

        if (tail is not null)
        {
            blocks.Add(PlaceTail(sequence, tail, fresh, ref next, incoming));
        }

        for (; next < fresh.Count; next++)
        {
            WaitForMemory(sequence, Store.Device[fresh[next]]);
            blocks.Add(fresh[next]);
        }

        Transfers.OrderIn(incoming, sequence);
        return blocks.DrainToImmutable();
    }

    /// <summary>The partly filled block will be written: its content is the sequence's own from now on.</summary>
    private BlockId PlaceTail(SequenceState sequence, KvNode tail, List<BlockId> fresh, ref int next, TransferRecord incoming)
    {
        tail.Users = 0;
        tail.IsAbandoned = true;
        if (Store.Device.TryGet(tail, out var home))
        {
            UndoCopy(sequence, home);
            Store.Device.Forget(home);
            Store.Swap?.Settle(tail);
            return new(home.Id);
        }

        var slot = Store.Device[fresh[next++]];
        Transfers.AddIn(incoming, tail, slot);
        return new(slot.Id);
    }

    /// <summary>A copy of a block that is about to be written again: what is left of it is in vain, unless others need it.</summary>
    private void UndoCopy(SequenceState sequence, DeviceSlot home)
    {
        if (home.OutTicket == 0)
        {
            return;
        }

        var record = Transfers.Ledger.Find(home.OutTicket);
        TransferLedger.Wait(sequence, record);
        if (record.Nodes.TrueForAll(node => node.Device >= 0 && node.SwapReaders == 0))
        {
            Transfers.Ledger.Cancel(record);
            Counters = Counters with { UndoneSwaps = Counters.UndoneSwaps + 1 };
        }
    }

    private void WaitForContent(SequenceState sequence, DeviceSlot slot)
    {
        if (slot.InTicket != 0)
        {
            TransferLedger.Wait(sequence, Transfers.Ledger.Find(slot.InTicket));
        }
    }

    /// <summary>Memory that a transfer still reads may not be written: the sequence waits for that transfer, and for no other.</summary>
    public void WaitForMemory(SequenceState sequence, DeviceSlot slot)
    {
        if (slot.OutTicket != 0)
        {
            TransferLedger.Wait(sequence, Transfers.Ledger.Find(slot.OutTicket));
            Counters = Counters with { TransferConflicts = Counters.TransferConflicts + 1 };
        }
    }

    private void CopyOut(SequenceState sequence, Instant now)
    {
        sequence.Tail = Store.MakeTail(sequence);
        _chain.Clear();
        _chain.AddRange(sequence.Nodes);
        if (sequence.Tail is { } tail)
        {
            _chain.Add(tail);
        }

        var missing = 0;
        for (var i = 0; i < _chain.Count; i++)
        {
            Adopt(sequence, _chain[i], i);
            missing += _chain[i].Swap < 0 ? 1 : 0;
        }

        MakeSwapRoom(missing, sequence);
        Transfers.CopyOut(sequence, CollectionsMarshal.AsSpan(_chain), Limits.Switching.Groups.Growth, now);
    }

    /// <summary>A node whose homes are gone, or never came, lives on in the sequence's own block.</summary>
    private void Adopt(SequenceState sequence, KvNode node, int index)
    {
        var slot = Store.Device[sequence.Blocks[index]];
        if (node.Device < 0)
        {
            (node.Device, slot.Content, node.IsAbandoned) = (slot.Id, node, false);
        }
    }

    /// <summary>Gives up copies of what the device has too, in the order of the options.</summary>
    private void MakeSwapRoom(int blocks, SequenceState leaving)
    {
        var swap = Store.Swap!;
        var highestFirst = Limits.Switching.Contamination == ContaminationOrder.HighestPriorityFirst;
        for (var i = 0; i < Running.InOfferedOrder.Count && swap.Available < blocks; i++)
        {
            var resident = Running.InOfferedOrder[highestFirst ? i : Running.InOfferedOrder.Count - 1 - i];
            for (var n = resident.Nodes.Count - 1; n >= 0 && resident != leaving && swap.Available < blocks; n--)
            {
                if (resident.Nodes[n] is { HasSwapCopy: true, Device: >= 0, SwapReaders: 0, IsIdle: false } node && resident.Phase == SequencePhase.Running)
                {
                    swap.Drop(node);
                    Counters = Counters with { ContaminatedBlocks = Counters.ContaminatedBlocks + 1 };
                }
            }
        }
    }

    private void Leave(SequenceState sequence, bool keepsChain)
    {
        Running.Remove(sequence);
        Store.ReleaseBlocks(sequence);
        sequence.ForgetComputed();
        if (!keepsChain)
        {
            DropTail(sequence);
            Store.Truncate(sequence, 0);
        }

        sequence.Phase = keepsChain && sequence.Nodes.Count + (sequence.Tail is null ? 0 : 1) > 0 ? SequencePhase.Swapped : SequencePhase.Waiting;
        sequence.BlocksWanted = Limits.BlocksFor(sequence.KnownTokens);
    }

    private void DropTail(SequenceState sequence)
    {
        if (sequence.Tail is { } tail)
        {
            sequence.Tail = null;
            tail.Users = 0;
            Store.Abandon(tail);
        }
    }

    private void CountStarted(SequenceState sequence, int tokens, bool wasSwapped)
    {
        if (sequence.CachedTokens is not null)
        {
            Counters = Counters with { RestoredTokens = Counters.RestoredTokens + tokens };
        }
        else if (Limits.PrefixCaching)
        {
            Counters = Counters with
            {
                PrefixQueryTokens = Counters.PrefixQueryTokens + sequence.KnownTokens,
                PrefixHitTokens = Counters.PrefixHitTokens + tokens,
            };
        }

        Counters = Counters with { Resumes = Counters.Resumes + (wasSwapped ? 1 : 0) };
    }
}
