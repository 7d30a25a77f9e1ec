namespace Rubato.Serving.Fairness.Shares;

/// <summary>What a policy of shares remembers of a live sequence.</summary>
internal sealed class SharedSequence(int slot) : SequenceEntry(slot)
{
    public UserShare? User { get; set; }

    /// <summary>Whether its prompt was charged.</summary>
    public bool Charged { get; set; }

    /// <summary>Output tokens that were charged at admission.</summary>
    public int Predicted { get; set; }

    /// <summary>Output tokens that it was given.</summary>
    public int Output { get; set; }

    /// <summary>The selection that took it last; 0 before.</summary>
    public long TakenIn { get; set; }

    /// <summary>The next of the same user in the selection under way.</summary>
    public SharedSequence? Following { get; set; }

    public override void Clear()
    {
        User = null;
        Charged = false;
        Predicted = 0;
        Output = 0;
        TakenIn = 0;
        Following = null;
    }
}
