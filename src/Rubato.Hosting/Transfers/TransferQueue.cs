using System.Diagnostics.CodeAnalysis;
using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Transfers;

/// <summary>Which order gets the next slice: urgent before bulk, the directions in turn, each lane and direction in the order of submission.</summary>
/// <remarks>
/// An order that waits for another holds up those behind it in its lane and direction, nobody else. When an urgent one waits for a bulk one, the bulk
/// orders up to that one count as urgent: otherwise a stream of urgent orders could hold it up for ever. Not thread-safe.
/// </remarks>
internal sealed class TransferQueue
{
    private const int Lanes = 4; // Urgent Out, urgent In, bulk Out, bulk In.

    private readonly Queue<TransferJob>[] _queues = [new(), new(), new(), new()];
    private readonly Dictionary<long, TransferJob> _jobs = [];
    private readonly Stack<TransferJob> _unused = [];
    private readonly bool[] _hurried = new bool[Lanes];
    private int _last;

    /// <summary>Orders that have not ended.</summary>
    public int Count => _jobs.Count;

    /// <summary>Orders that have not ended.</summary>
    public IEnumerable<TransferJob> Jobs => _jobs.Values;

    public void Add(TransferOrder order)
    {
        Check.Invariant(!_jobs.ContainsKey(order.Ticket), $"ticket {order.Ticket} is in flight");
        var job = _unused.TryPop(out var used) ? used : new TransferJob();
        job.Begin(order);
        foreach (var earlier in order.After)
        {
            Check.Invariant(earlier < order.Ticket, $"transfer {order.Ticket} waits for {earlier}");
            if (_jobs.TryGetValue(earlier, out var other))
            {
                other.Followers.Add(job);
                job.Waits++;
            }
        }

        _jobs.Add(order.Ticket, job);
        job.IsQueued = true;
        _queues[Lane(order)].Enqueue(job);
    }

    public bool TryFind(long ticket, [NotNullWhen(true)] out TransferJob? job) => _jobs.TryGetValue(ticket, out job);

    /// <summary>The order whose next slice is due; false when there is none that may run.</summary>
    public bool TryNext([NotNullWhen(true)] out TransferJob? job)
    {
        Hurry();
        foreach (var hurried in (ReadOnlySpan<bool>)[true, false])
        {
            for (var i = 1; i <= Lanes; i++)
            {
                var lane = (_last + i) % Lanes;
                if (_hurried[lane] == hurried && Front(lane) is { Waits: 0 } front)
                {
                    _last = lane;
                    job = front;
                    return true;
                }
            }
        }

        job = null;
        return false;
    }

    /// <summary>The order has ended: who waited for it waits no longer, and it waits for nobody.</summary>
    public void End(TransferJob job)
    {
        job.HasEnded = true;
        _jobs.Remove(job.Order.Ticket);
        foreach (var follower in job.Followers)
        {
            follower.Waits--;
        }

        job.Followers.Clear();
        if (job.Waits > 0)
        {
            Forget(job);
        }

        ReturnIfUnused(job);
    }

    private static int Lane(TransferOrder order) => ((int)order.Lane * 2) + (int)order.Direction;

    /// <summary>The first of a lane that has something left to hand out.</summary>
    private TransferJob? Front(int lane)
    {
        while (_queues[lane].TryPeek(out var front))
        {
            if (!front.IsHandedOut)
            {
                return front;
            }

            _queues[lane].Dequeue().IsQueued = false;
            ReturnIfUnused(front);
        }

        return null;
    }

    private void ReturnIfUnused(TransferJob job)
    {
        if (job is { HasEnded: true, IsQueued: false })
        {
            _unused.Push(job);
        }
    }

    /// <summary>An order that was cancelled while it waited must not be told any more: its object will serve another one.</summary>
    private void Forget(TransferJob job)
    {
        foreach (var ticket in job.Order.After)
        {
            if (_jobs.TryGetValue(ticket, out var earlier))
            {
                earlier.Followers.Remove(job);
            }
        }
    }

    /// <summary>Says which lanes are urgent: two are, and those that an urgent order waits for.</summary>
    private void Hurry()
    {
        _hurried.AsSpan().Clear();
        for (var direction = 0; direction < 2; direction++)
        {
            _hurried[direction] = true;
            HurryThoseBefore(Front(direction));
        }
    }

    private void HurryThoseBefore(TransferJob? front)
    {
        if (front is null or { Waits: 0 })
        {
            return;
        }

        foreach (var ticket in front.Order.After)
        {
            if (_jobs.TryGetValue(ticket, out var earlier) && !earlier.IsHandedOut && !_hurried[Lane(earlier.Order)])
            {
                _hurried[Lane(earlier.Order)] = true;
                HurryThoseBefore(Front(Lane(earlier.Order)));
            }
        }
    }
}
