namespace Rubato.Core;

/// <summary>Where an event stands in the one order of a world: by instant, then kind, then order of scheduling.</summary>
/// <param name="At">When it happens.</param>
/// <param name="Kind">Decides between events at one instant: smaller first. The world gives it its meaning.</param>
/// <param name="Sequence">Number within its queue, from 0; makes the order total.</param>
public readonly record struct EventKey(Instant At, int Kind, long Sequence) : IComparable<EventKey>
{
    /// <inheritdoc/>
    public int CompareTo(EventKey other)
    {
        var byInstant = At.CompareTo(other.At);
        if (byInstant != 0)
        {
            return byInstant;
        }

        var byKind = Kind.CompareTo(other.Kind);
        return byKind != 0 ? byKind : Sequence.CompareTo(other.Sequence);
    }
}
