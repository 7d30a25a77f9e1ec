using Rubato.Core;

namespace Rubato.Serving.Queueing;

/// <summary>Sequences that hold KV blocks; bounded by RunningMax, hence a list.</summary>
internal sealed class RunningList
{
    private readonly List<SequenceState> _sequences = [];

    public int Count => _sequences.Count;

    /// <summary>By arrival.</summary>
    public IReadOnlyList<SequenceState> InOrder => _sequences;

    /// <summary>As the policy offered them last, the most deserving first; may list sequences that hold no blocks any more.</summary>
    public List<SequenceState> InOfferedOrder { get; } = [];

    public void Add(SequenceState sequence)
    {
        var at = _sequences.Count;
        while (at > 0 && _sequences[at - 1].ArrivalNumber > sequence.ArrivalNumber)
        {
            at--;
        }

        Check.Invariant(at == 0 || _sequences[at - 1] != sequence, $"{sequence.Id} runs twice");
        _sequences.Insert(at, sequence);
        sequence.Phase = SequencePhase.Running;
    }

    public void Remove(SequenceState sequence)
    {
        var removed = _sequences.Remove(sequence);
        Check.Invariant(removed, $"{sequence.Id} does not run");
    }
}
