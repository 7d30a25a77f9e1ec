namespace Rubato.Serving.Fairness.Orders;

/// <summary>The sequences of one selection, smallest rank first; O(log n) each, no allocation once it has grown.</summary>
internal sealed class Offers
{
    private readonly PriorityQueue<IScheduledSequence, OfferKey> _queue = new();

    public bool IsEmpty => _queue.Count == 0;

    public OfferKey FirstKey => _queue.TryPeek(out _, out var key) ? key : throw new InvalidOperationException("Nothing is on offer.");

    public void Clear() => _queue.Clear();

    public void Add(IScheduledSequence sequence, double rank) => _queue.Enqueue(sequence, OfferKey.Of(sequence, rank));

    public IScheduledSequence? Next() => _queue.TryDequeue(out var sequence, out _) ? sequence : null;
}
