namespace Rubato.Serving.Fairness;

/// <summary>What a policy remembers of a live sequence. Pooled: no allocation once as many have been live at once.</summary>
internal abstract class SequenceEntry(int slot)
{
    /// <summary>Its place in the table.</summary>
    public int Slot => slot;

    public IScheduledSequence? Sequence { get; set; }

    /// <summary>Forgets the sequence that it was used for.</summary>
    public abstract void Clear();
}
