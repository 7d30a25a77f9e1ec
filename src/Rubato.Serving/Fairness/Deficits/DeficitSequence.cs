namespace Rubato.Serving.Fairness.Deficits;

/// <summary>What a policy of deficits remembers of a live sequence.</summary>
internal sealed class DeficitSequence(int slot) : SequenceEntry(slot)
{
    public DeficitMember? Client { get; set; }

    /// <summary>Whether its prompt was charged.</summary>
    public bool Charged { get; set; }

    public override void Clear()
    {
        Client = null;
        Charged = false;
    }
}
