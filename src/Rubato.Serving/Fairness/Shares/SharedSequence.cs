namespace Rubato.Serving.Fairness.Shares;

/// <summary>What a policy of shares remembers of a live sequence. Pooled: no allocation once as many have been live at once.</summary>
internal sealed class SharedSequence(int slot)
{
    /// <summary>Its place in the table.</summary>
    public int Slot => slot;

    public IScheduledSequence? Sequence { get; set; }

    public UserShare? User { get; set; }

    /// <summary>Whether its prompt was charged.</summary>
    public bool Charged { get; set; }

    /// <summary>Output tokens that were charged at admission.</summary>
    public int Predicted { get; set; }

    /// <summary>Output tokens that it was given.</summary>
    public int Output { get; set; }

    /// <summary>The selection that took it last.</summary>
    public long TakenIn { get; set; }

    /// <summary>The next of the same user in the selection under way.</summary>
    public SharedSequence? Following { get; set; }
}
