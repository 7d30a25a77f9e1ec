using Rubato.Serving.Fairness.Orders;

namespace Rubato.Serving.Fairness.Deficits;

/// <summary>A client, what it may still be served before others are, and its waiting sequences of the selection under way.</summary>
internal sealed class DeficitMember(string name) : Member(name)
{
    /// <summary>Service units; above zero it may enter.</summary>
    public double Deficit { get; set; }

    /// <summary>The selection that it was last a part of.</summary>
    public long Selection { get; set; }

    /// <summary>Those that wait, the longest matched prefix first.</summary>
    public Offers Waiting { get; } = new();
}
