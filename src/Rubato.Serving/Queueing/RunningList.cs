using Rubato.Core;

namespace Rubato.Serving.Queueing;

/// <summary>Sequences that hold KV blocks, in the order in which they are served; bounded by RunningMax, hence a sorted list.</summary>
internal sealed class RunningList(SequenceOrder order)
{
    private readonly List<SequenceState> _sequences = [];

    public int Count => _sequences.Count;

    public IReadOnlyList<SequenceState> InOrder => _sequences;

    public void Add(SequenceState sequence)
    {
        var at = _sequences.BinarySearch(sequence, order);
        Check.Invariant(at < 0, $"{sequence.Id} runs twice");
        _sequences.Insert(~at, sequence);
        sequence.Phase = SequencePhase.Running;
    }

    public void Remove(SequenceState sequence)
    {
        var at = _sequences.BinarySearch(sequence, order);
        Check.Invariant(at >= 0, $"{sequence.Id} does not run");
        _sequences.RemoveAt(at);
    }
}
