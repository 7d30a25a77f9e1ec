using CsCheck;

namespace Rubato.Core.Tests;

public sealed class EventQueueTests
{
    [Fact]
    public void Events_come_in_the_order_of_a_stable_sort_by_instant_and_kind() =>
        Gen.Select(Gen.Long[-5, 5], Gen.Int[-2, 2]).Array[0, 80].Sample(
            events =>
            {
                var queue = new EventQueue<int>();
                for (var i = 0; i < events.Length; i++)
                {
                    queue.Enqueue(i, new(events[i].Item1), events[i].Item2);
                }

                var expected = Enumerable.Range(0, events.Length).OrderBy(i => events[i].Item1).ThenBy(i => events[i].Item2);
                Assert.Equal(expected, Drain(queue));
            },
            iter: 5_000);

    [Fact]
    public void Events_scheduled_while_others_happen_take_their_place()
    {
        var queue = new EventQueue<string>();
        queue.Enqueue("b", new(10));
        queue.Enqueue("d", new(20));
        Assert.True(queue.TryDequeue(out var first, out var key));
        Assert.Equal(("b", new EventKey(new(10), 0, 0)), (first, key));
        queue.Enqueue("c", new(10));
        queue.Enqueue("a", new(10), kind: -1);

        Assert.Equal(["a", "c", "d"], Drain(queue));
        Assert.False(queue.TryPeek(out _));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void The_past_is_closed()
    {
        var queue = new EventQueue<int>();
        queue.Enqueue(1, new(10));
        queue.TryDequeue(out _, out _);
        Assert.Throws<InvariantViolationException>(() => queue.Enqueue(2, new(9)));
    }

    [Fact]
    public void The_order_of_keys_is_total_and_by_instant_kind_and_sequence() =>
        Gen.Select(Gen.Long[0, 2], Gen.Int[0, 2], Gen.Long[0, 2]).Array[2].Sample(pair =>
        {
            var keys = pair.Select(key => new EventKey(new(key.Item1), key.Item2, key.Item3)).ToArray();
            Assert.Equal(pair[0].CompareTo(pair[1]), keys[0].CompareTo(keys[1]));
        });

    private static List<T> Drain<T>(EventQueue<T> queue)
    {
        var order = new List<T>();
        while (queue.TryPeek(out var next))
        {
            Assert.True(queue.TryDequeue(out var item, out var key));
            Assert.Equal(next, key);
            order.Add(item);
        }

        return order;
    }
}
