using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Memory;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Switching;

/// <summary>The transfers in flight: tickets, who waits, and what a plan has to order.</summary>
internal sealed class TransferLedger
{
    private readonly Dictionary<long, TransferRecord> _inFlight = [];
    private readonly List<TransferRecord> _ordered = [];
    private readonly List<long> _cancelled = [];
    private readonly List<CopyRun> _runs = [];
    private long _tickets;

    /// <summary>Transfers that have not ended.</summary>
    public int Count => _inFlight.Count;

    /// <summary>Those of them that somebody waits for, or that leave for somebody.</summary>
    public int UrgentCount { get; private set; }

    /// <summary>What this plan has ordered so far.</summary>
    public IReadOnlyList<TransferRecord> Ordered => _ordered;

    /// <summary>Begins a transfer; the caller fills it.</summary>
    public TransferRecord Begin(TransferDirection direction, TransferLane lane, RequestId? request, Instant now) =>
        new(++_tickets, direction, lane, now) { Request = request };

    /// <summary>Orders a transfer that moves something.</summary>
    public void Order(TransferRecord record)
    {
        Check.Invariant(record.Nodes.Count > 0, $"transfer {record.Ticket} moves nothing");
        _inFlight.Add(record.Ticket, record);
        _ordered.Add(record);
        UrgentCount += record.Lane == TransferLane.Urgent ? 1 : 0;
    }

    public TransferRecord Find(long ticket)
    {
        Check.Invariant(_inFlight.TryGetValue(ticket, out var record), $"no transfer {ticket} is in flight");
        return record!;
    }

    /// <summary>A transfer has ended: nobody waits for it any more.</summary>
    public TransferRecord End(long ticket)
    {
        var record = Find(ticket);
        _inFlight.Remove(ticket);
        UrgentCount -= record.Lane == TransferLane.Urgent ? 1 : 0;
        return record;
    }

    /// <summary>What a node's swap block holds is not what it should: nobody may believe what is read from it.</summary>
    public void Doom(KvNode node)
    {
        foreach (var record in _inFlight.Values)
        {
            if (record.Direction == TransferDirection.In && record.Nodes.Contains(node))
            {
                record.IsDoomed = true;
            }
        }
    }

    /// <summary>Asks the driver to leave out the rest of a transfer.</summary>
    public void Cancel(TransferRecord record)
    {
        if (!record.IsCancelled)
        {
            record.IsCancelled = true;
            _cancelled.Add(record.Ticket);
        }
    }

    /// <summary>A sequence cannot run before a transfer has ended.</summary>
    public static void Wait(SequenceState sequence, TransferRecord record)
    {
        if (!record.Waiters.Contains(sequence))
        {
            record.Waiters.Add(sequence);
            sequence.WaitsFor.Add(record);
        }
    }

    /// <summary>A sequence waits for nothing any more.</summary>
    public static void StopWaiting(SequenceState sequence)
    {
        foreach (var record in sequence.WaitsFor)
        {
            record.Waiters.Remove(sequence);
        }

        sequence.WaitsFor.Clear();
    }

    /// <summary>The orders since the last call, as a plan lists them.</summary>
    public ImmutableArray<TransferOrder> TakeOrders()
    {
        if (_ordered.Count == 0)
        {
            return [];
        }

        var orders = ImmutableArray.CreateBuilder<TransferOrder>(_ordered.Count);
        foreach (var record in _ordered)
        {
            orders.Add(ToOrder(record));
        }

        _ordered.Clear();
        return orders.MoveToImmutable();
    }

    /// <summary>The tickets that the driver has to be told to cancel.</summary>
    public ImmutableArray<long> TakeCancelled()
    {
        ImmutableArray<long> cancelled = [.. _cancelled];
        _cancelled.Clear();
        return cancelled;
    }

    private TransferOrder ToOrder(TransferRecord record)
    {
        _runs.Clear();
        for (var i = 0; i < record.Nodes.Count; i++)
        {
            var (device, swap) = (record.Slots[i].Id, record.Nodes[i].Swap);
            CopyRuns.Append(_runs, record.Direction == TransferDirection.Out ? device : swap, record.Direction == TransferDirection.Out ? swap : device);
        }

        return new()
        {
            Ticket = record.Ticket,
            Direction = record.Direction,
            Lane = record.Lane,
            Request = record.Request,
            Runs = [.. _runs],
            After = [.. record.After.Select(after => after.Ticket)],
        };
    }
}
