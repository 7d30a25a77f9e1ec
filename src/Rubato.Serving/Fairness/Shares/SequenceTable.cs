using Rubato.Core;

namespace Rubato.Serving.Fairness.Shares;

/// <summary>From a live sequence to what is remembered of it, by a slot number in the sequence's notes.</summary>
internal sealed class SequenceTable
{
    private readonly List<SharedSequence> _slots = [];
    private readonly Stack<SharedSequence> _free = new();

    public SharedSequence Add(IScheduledSequence sequence, UserShare user)
    {
        if (!_free.TryPop(out var entry))
        {
            entry = new(_slots.Count);
            _slots.Add(entry);
        }

        entry.Sequence = sequence;
        entry.User = user;
        entry.Charged = false;
        entry.Predicted = 0;
        entry.Output = 0;
        entry.TakenIn = -1;
        sequence.Notes.Level = entry.Slot;
        return entry;
    }

    public SharedSequence this[IScheduledSequence sequence]
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

    public void Remove(SharedSequence entry)
    {
        entry.Sequence = null;
        entry.User = null;
        entry.Following = null;
        _free.Push(entry);
    }
}
