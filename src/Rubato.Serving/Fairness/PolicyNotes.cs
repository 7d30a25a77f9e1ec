namespace Rubato.Serving.Fairness;

/// <summary>What a policy remembers of one sequence: the policy's own, the scheduler does not look at it.</summary>
public sealed class PolicyNotes
{
    /// <summary>A rank, or whatever else the policy sorts by.</summary>
    public double Rank { get; set; }

    /// <summary>A second number.</summary>
    public double Value { get; set; }

    /// <summary>A level, a turn, a count.</summary>
    public long Level { get; set; }

    /// <summary>Whether admission was charged, or another fact.</summary>
    public bool Flag { get; set; }
}
