using Rubato.Core;

namespace Rubato.Serving.Fairness;

/// <summary>From a live sequence to what is remembered of it, by a slot number that is kept as the level in the sequence's notes.</summary>
internal sealed class SequenceTable<T>(Func<int, T> create)
    where T : SequenceEntry
{
    private readonly List<T> _slots = [];
    private readonly Stack<T> _free = new();

    public T this[IScheduledSequence sequence]
    {
        get
        {
            var slot = sequence.Notes.Level;
            Check.Invariant(slot >= 0 && slot < _slots.Count, $"{sequence.Id} has slot {slot} of {_slots.Count}");
            var entry = _slots[(int)slot];
            Check.Invariant(ReferenceEquals(entry.Sequence, sequence), $"{sequence.Id} is not live");
            return entry;
        }
    }

    /// <summary>A cleared entry for a sequence that arrives.</summary>
    public T Add(IScheduledSequence sequence)
    {
        if (!_free.TryPop(out var entry))
        {
            entry = create(_slots.Count);
            _slots.Add(entry);
        }

        entry.Sequence = sequence;
        sequence.Notes.Level = entry.Slot;
        return entry;
    }

    public void Remove(T entry)
    {
        entry.Clear();
        entry.Sequence = null;
        _free.Push(entry);
    }
}
