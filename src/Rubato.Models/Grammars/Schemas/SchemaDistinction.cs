namespace Rubato.Models.Grammars.Schemas;

/// <summary>Whether what is written for one schema can hold for another as well.</summary>
internal sealed class SchemaDistinction(SchemaAlternatives alternatives)
{
    /// <summary>Whether no value written for <paramref name="written"/> can satisfy <paramref name="other"/>; false when that is not plain to see.</summary>
    public bool CannotHold(SchemaFacts written, SchemaFacts other)
    {
        if ((written.Written & other.Types) == JsonTypes.None || AreApart(written, other))
        {
            return true;
        }

        if (written.Written != JsonTypes.Object)
        {
            return false;
        }

        // Objects: a member that the other wants and this one never has, or has not as the other wants it.
        return other.Required.Any(name => !written.MayWrite(name))
            || written.Required.Any(name => other.Forbids(name) || (!written.Property(name).IsDefault && !other.Property(name).IsDefault
                && AreApart(alternatives.Common(written.Property(name)), alternatives.Common(other.Property(name)))));
    }

    private static bool AreApart(SchemaFacts a, SchemaFacts b)
    {
        if (a.Values.IsDefault)
        {
            return (a.Written & b.Types) == JsonTypes.None;
        }

        return b.Values.IsDefault
            ? a.Values.All(value => !b.Types.HasFlag(SchemaValues.TypeOf(value)))
            : !a.Values.IntersectBy(b.Values.Select(SchemaValues.KeyOf), SchemaValues.KeyOf).Any();
    }
}
