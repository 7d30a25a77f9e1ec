namespace Rubato.Serving.Fairness.Shares;

/// <summary>What a member has received, and its part in the selection under way.</summary>
internal abstract class Share(string name, long registered) : Member(name)
{
    /// <summary>Smaller registered earlier: breaks ties.</summary>
    public long Registered => registered;

    /// <summary>The virtual counter: service received, over the member's weight, lifted when it came back from having nothing to ask for.</summary>
    public double Counter { get; set; }

    /// <summary>Its live requests that the latest selection did not take, and those that arrived since.</summary>
    public int Queued { get; set; }

    /// <summary>Whether it had any of these when the selection under way began.</summary>
    public bool WasQueued { get; set; }

    /// <summary>The selection that it was last a part of.</summary>
    public long Selection { get; set; }

    /// <summary>Whether what it offers next stands in for a resident sequence of it.</summary>
    public abstract bool IsEntitled { get; }
}
