using System.Diagnostics.CodeAnalysis;
using Rubato.Core;

namespace Rubato.Serving.Queueing;

/// <summary>Sequences without KV blocks, in the order in which they will be admitted; O(log n) per operation.</summary>
internal sealed class WaitingQueue(SequenceOrder order)
{
    private readonly SortedSet<SequenceState> _sequences = new(order);

    public int Count => _sequences.Count;

    public IEnumerable<SequenceState> InOrder => _sequences;

    public bool TryPeek([NotNullWhen(true)] out SequenceState? head)
    {
        head = _sequences.Min;
        return head is not null;
    }

    public void Add(SequenceState sequence)
    {
        Check.Invariant(sequence.Blocks.IsEmpty, $"{sequence.Id} waits with {sequence.Blocks.Length} blocks");
        var added = _sequences.Add(sequence);
        Check.Invariant(added, $"{sequence.Id} waits twice");
        sequence.Phase = SequencePhase.Waiting;
    }

    public void Remove(SequenceState sequence)
    {
        var removed = _sequences.Remove(sequence);
        Check.Invariant(removed, $"{sequence.Id} does not wait");
    }
}
