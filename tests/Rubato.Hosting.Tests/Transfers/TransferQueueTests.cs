using Rubato.Core;
using Rubato.Hosting.Transfers;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Tests.Transfers;

public sealed class TransferQueueTests
{
    /// <summary>An urgent order waits for a bulk one behind another bulk one; a stream of urgent orders the other way must not hold them up for ever.</summary>
    [Fact]
    public void TryNext_UrgentWaitsForBulk_BulkIsHurried()
    {
        var queue = new TransferQueue();
        queue.Add(Order(1, TransferDirection.Out, TransferLane.Bulk));
        queue.Add(Order(2, TransferDirection.Out, TransferLane.Bulk));
        queue.Add(Order(3, TransferDirection.In, TransferLane.Urgent, 2));
        for (var ticket = 10; ticket < 20; ticket++)
        {
            queue.Add(Order(ticket, TransferDirection.Out, TransferLane.Urgent));
        }

        var ended = Enumerable.Range(0, 6).Select(_ => RunNext(queue)).ToArray();
        Assert.Contains(3, ended);
        Assert.True(Array.IndexOf(ended, 1) < Array.IndexOf(ended, 2) && Array.IndexOf(ended, 2) < Array.IndexOf(ended, 3));
    }

    /// <summary>Random orders: each ends once, after those it waits for, and after those before it in its lane and direction.</summary>
    [Fact]
    public void TryNext_RandomOrdersSomeCancelled_KeepsEveryRule()
    {
        for (var seed = 0UL; seed < (ulong)FuzzScale.Times(100); seed++)
        {
            var prng = new Prng(seed);
            var queue = new TransferQueue();
            var (orders, started, ended) = (new List<TransferOrder>(), new List<long>(), new HashSet<long>());
            while (ended.Count < 60)
            {
                if (orders.Count < 60 && prng.NextInt32(3) > 0)
                {
                    var ticket = orders.Count + 1;
                    long[] after = [.. Enumerable.Range(1, ticket - 1).Where(_ => prng.NextInt32(8) == 0).Select(number => (long)number)];
                    orders.Add(Order(ticket, (TransferDirection)prng.NextInt32(2), (TransferLane)prng.NextInt32(2), after));
                    queue.Add(orders[^1]);
                }
                else if (prng.NextInt32(6) == 0 && orders.Count > 0 && queue.TryFind(1 + prng.NextInt32(orders.Count), out var cancelled))
                {
                    cancelled.IsDropped = true;
                    started.Add(cancelled.Order.Ticket);
                    ended.Add(cancelled.Order.Ticket);
                    queue.End(cancelled);
                }
                else if (queue.TryNext(out var job))
                {
                    Assert.All(job.Order.After, earlier => Assert.Contains(earlier, ended));
                    Assert.All(
                        orders.Where(other => other.Ticket < job.Order.Ticket && (other.Lane, other.Direction) == (job.Order.Lane, job.Order.Direction)),
                        other => Assert.Contains(other.Ticket, started));
                    started.Add(job.Order.Ticket);
                    ended.Add(RunNext(queue, job));
                }
                else
                {
                    Assert.Equal(orders.Count, ended.Count);
                }
            }

            Assert.Equal(0, queue.Count);
        }
    }

    private static long RunNext(TransferQueue queue)
    {
        Assert.True(queue.TryNext(out var job));
        return RunNext(queue, job);
    }

    private static long RunNext(TransferQueue queue, TransferJob job)
    {
        job.Cursor.IsAtEnd = true;
        var ticket = job.Order.Ticket;
        queue.End(job);
        return ticket;
    }

    private static TransferOrder Order(long ticket, TransferDirection direction, TransferLane lane, params long[] after) =>
        new() { Ticket = ticket, Direction = direction, Lane = lane, Runs = [new(0, 0, 1)], After = [.. after] };
}
