using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Serving.Memory;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Switching;

/// <summary>Moves nodes between the tiers: makes the orders, and carries their ends into the store.</summary>
internal sealed class KvTransfers(KvStore store, SwitchingOptions options)
{
    private readonly List<KvNode> _outgoing = [];
    private readonly Queue<KvNode> _lazy = new();
    private readonly SwitchEstimator _estimator = new();

    public TransferLedger Ledger { get; } = new();

    public SwitchEstimator Estimator => _estimator;

    /// <summary>Nodes that the bulk lane is to copy out when it has time.</summary>
    public int LazyCount => _lazy.Count;

    public long BlocksOut { get; private set; }

    public long BlocksIn { get; private set; }

    public long RunsOut { get; private set; }

    public long RunsIn { get; private set; }

    public long Failures { get; private set; }

    /// <summary>Orders the copies of what a sequence that leaves has in no swap block yet: from its beginning, as far as there is room.</summary>
    public void CopyOut(SequenceState sequence, ReadOnlySpan<KvNode> chain, int reserve, Instant now)
    {
        _outgoing.Clear();
        foreach (var node in chain)
        {
            if (node.Swap < 0)
            {
                _outgoing.Add(node);
            }
        }

        Order(sequence.Conversation, sequence.Id, TransferLane.Urgent, reserve, now);
    }

    /// <summary>Wants a node copied out some time.</summary>
    public void CopyLater(KvNode node)
    {
        if (node is { Swap: < 0, IsQueued: false })
        {
            node.IsQueued = true;
            _lazy.Enqueue(node);
        }
    }

    /// <summary>Orders what is to be copied some time, conversation by conversation; at most so many blocks.</summary>
    public void CopyLazily(int blocksMax, Instant now)
    {
        while (_lazy.Count > 0 && blocksMax > 0)
        {
            _outgoing.Clear();
            var conversation = _lazy.Peek().Conversation;
            while (blocksMax > 0 && _lazy.TryPeek(out var node) && node.Conversation == conversation)
            {
                _lazy.Dequeue().IsQueued = false;
                if (node is { Device: >= 0, Swap: < 0, IsAbandoned: false } && store.Device[node.Device] is { InTicket: 0, OutTicket: 0 })
                {
                    _outgoing.Add(node);
                    blocksMax--;
                }
            }

            Order(conversation, null, TransferLane.Bulk, 0, now);
        }
    }

    /// <summary>Begins to bring something in for a sequence.</summary>
    public TransferRecord BeginIn(SequenceState sequence, Instant now) =>
        Ledger.Begin(TransferDirection.In, TransferLane.Urgent, sequence.Id, now);

    /// <summary>Adds a node and the block that it is read into.</summary>
    public void AddIn(TransferRecord record, KvNode node, DeviceSlot slot)
    {
        record.Nodes.Add(node);
        record.Slots.Add(slot);
        slot.InTicket = record.Ticket;
        node.SwapReaders++;
        store.Swap!.Settle(node);
        AddAfter(record, node.SwapTicket);
        AddAfter(record, slot.OutTicket);
    }

    /// <summary>Orders what was begun, when it moves something; the sequence waits for it.</summary>
    public void OrderIn(TransferRecord record, SequenceState sequence)
    {
        if (record.Nodes.Count > 0)
        {
            Ledger.Order(record);
            TransferLedger.Wait(sequence, record);
            BlocksIn += record.Nodes.Count;
            RunsIn += CountRuns(record);
        }
    }

    /// <summary>A transfer has ended; gives the sequences whose blocks did not come.</summary>
    public IReadOnlyList<SequenceState> End(long ticket, TransferOutcome outcome, Instant now)
    {
        var record = Ledger.End(ticket);
        var done = outcome == TransferOutcome.Done && !record.IsDoomed;
        Failures += outcome == TransferOutcome.Failed ? 1 : 0;
        if (outcome == TransferOutcome.Done)
        {
            _estimator.TransferTook(now - record.OrderedAt, record.Nodes.Count, record.Direction == TransferDirection.Out);
        }

        for (var i = 0; i < record.Nodes.Count; i++)
        {
            if (record.Direction == TransferDirection.Out)
            {
                EndOut(record, record.Nodes[i], record.Slots[i], done);
            }
            else
            {
                EndIn(record.Nodes[i], record.Slots[i], done);
            }
        }

        SequenceState[] waiters = [.. record.Waiters];
        foreach (var sequence in waiters)
        {
            sequence.WaitsFor.Remove(record);
        }

        record.Waiters.Clear();
        return !done && record.Direction == TransferDirection.In ? waiters : [];
    }

    private void Order(long conversation, RequestId? request, TransferLane lane, int reserve, Instant now)
    {
        var swap = store.Swap!;
        var count = Math.Min(_outgoing.Count, swap.Available);
        if (count == 0)
        {
            return;
        }

        var record = Ledger.Begin(TransferDirection.Out, lane, request, now);
        swap.Place(conversation, CollectionsMarshal.AsSpan(_outgoing)[..count], record.Ticket, reserve);
        for (var i = 0; i < count; i++)
        {
            var slot = store.Device[_outgoing[i].Device];
            Check.Invariant(slot is { OutTicket: 0, InTicket: 0 }, $"block {slot.Id} moves twice");
            slot.OutTicket = record.Ticket;
            store.Device.Settle(slot);
            record.Nodes.Add(_outgoing[i]);
            record.Slots.Add(slot);
        }

        Ledger.Order(record);
        BlocksOut += count;
        RunsOut += CountRuns(record);
    }

    private void EndOut(TransferRecord record, KvNode node, DeviceSlot slot, bool done)
    {
        slot.OutTicket = 0;
        store.Device.Settle(slot);
        node.SwapTicket = 0;
        if (!done)
        {
            node.IsAbandoned |= node.SwapReaders > 0;
            Doom(node);
            if (node.SwapReaders == 0)
            {
                store.Swap!.Drop(node);
            }

            return;
        }

        if (!options.Undo && record.Lane == TransferLane.Urgent && slot.Content == node && slot.Holders == 0)
        {
            store.Device.Forget(slot);
        }

        store.Swap!.Settle(node);
    }

    private void EndIn(KvNode node, DeviceSlot slot, bool done)
    {
        slot.InTicket = 0;
        node.SwapReaders--;
        if (!done)
        {
            node.IsAbandoned = true;
            if (slot.Content == node)
            {
                store.Device.Forget(slot);
            }
        }
        else if (!options.KeepCopies && slot.Content == node && node is { SwapReaders: 0, SwapTicket: 0 })
        {
            store.Swap!.Drop(node);
        }

        if (node.Swap >= 0)
        {
            store.Swap!.Settle(node);
        }

        store.Device.Settle(slot);
    }

    /// <summary>Transfers that would read what was never written cannot be believed.</summary>
    private void Doom(KvNode node)
    {
        if (node.SwapReaders > 0)
        {
            Ledger.Doom(node);
        }
    }

    private void AddAfter(TransferRecord record, long ticket)
    {
        if (ticket != 0 && Ledger.Find(ticket) is var after && !record.After.Contains(after))
        {
            record.After.Add(after);
        }
    }

    private static int CountRuns(TransferRecord record)
    {
        var runs = 0;
        for (var i = 0; i < record.Nodes.Count; i++)
        {
            runs += i > 0
                && record.Slots[i].Id == record.Slots[i - 1].Id + 1
                && record.Nodes[i].Swap == record.Nodes[i - 1].Swap + 1 ? 0 : 1;
        }

        return runs;
    }
}
