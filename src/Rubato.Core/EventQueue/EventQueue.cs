using System.Diagnostics.CodeAnalysis;

namespace Rubato.Core;

/// <summary>The future of one simulated world: events in a total order, so that equal runs are equal to the last bit.</summary>
/// <remarks>
/// A binary heap, O(log n) per operation. Sequence numbers belong to the queue, not to the process: worlds are independent.
/// An event cannot be scheduled before the one dequeued last: time does not go back. Not thread-safe.
/// </remarks>
/// <typeparam name="T">What happens.</typeparam>
public sealed class EventQueue<T>
{
    private readonly PriorityQueue<T, EventKey> _heap = new();
    private long _nextSequence;
    private Instant _now = new(long.MinValue);

    /// <summary>Events that have not happened yet.</summary>
    public int Count => _heap.Count;

    /// <summary>Schedules <paramref name="item"/>; among events of equal instant and kind it is the last.</summary>
    /// <returns>Its place in the order.</returns>
    /// <exception cref="InvariantViolationException">The instant lies before the event dequeued last.</exception>
    public EventKey Enqueue(T item, Instant at, int kind = 0)
    {
        Check.Invariant(at >= _now, $"an event is scheduled at {at}, the world is at {_now}");
        var key = new EventKey(at, kind, _nextSequence++);
        _heap.Enqueue(item, key);
        return key;
    }

    /// <summary>The place of the next event; false when there is none.</summary>
    public bool TryPeek(out EventKey key) => _heap.TryPeek(out _, out key);

    /// <summary>Takes the next event; false when there is none.</summary>
    public bool TryDequeue([MaybeNullWhen(false)] out T item, out EventKey key)
    {
        if (!_heap.TryDequeue(out item, out key))
        {
            return false;
        }

        _now = key.At;
        return true;
    }
}
