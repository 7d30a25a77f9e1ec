using Rubato.Models.Grammars.Expressions;
using Rubato.Models.Grammars.Json;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>Numbers within the bounds of a schema.</summary>
internal static class SchemaNumbers
{
    public static bool Holds(SchemaFacts facts, decimal number) =>
        (facts.Min is not { } min || number > min.Value || (number == min.Value && !min.IsExclusive))
        && (facts.Max is not { } max || number < max.Value || (number == max.Value && !max.IsExclusive));

    public static GrammarExpression Write(SchemaFacts facts)
    {
        if (facts.Min is null && facts.Max is null)
        {
            return facts.Types.HasFlag(JsonTypes.Fraction) ? JsonText.Number : JsonText.Integer;
        }

        return facts.Types.HasFlag(JsonTypes.Fraction) ? Numbers(facts) : Integers(facts);
    }

    private static GrammarExpression Integers(SchemaFacts facts)
    {
        long? low = facts.Min is { } min ? Clamp(min.IsExclusive ? decimal.Floor(min.Value) + 1 : decimal.Ceiling(min.Value)) : null;
        long? high = facts.Max is { } max ? Clamp(max.IsExclusive ? decimal.Ceiling(max.Value) - 1 : decimal.Floor(max.Value)) : null;
        return low > NumberRange.Most || high < -NumberRange.Most ? GrammarExpression.Never : NumberRange.Integers(low, high);
    }

    private static GrammarExpression Numbers(SchemaFacts facts)
    {
        var low = Whole(facts, facts.Min, -NumberRange.Most);
        var high = Whole(facts, facts.Max, NumberRange.Most);
        return low?.Value > high?.Value || low?.Value > NumberRange.Most || high?.Value < -NumberRange.Most
            ? GrammarExpression.Never
            : NumberRange.Numbers(low, high);
    }

    private static (long Value, bool IsExclusive)? Whole(SchemaFacts facts, (decimal Value, bool IsExclusive)? bound, long farthest)
    {
        if (bound is not { } given)
        {
            return null;
        }

        if (decimal.Truncate(given.Value) != given.Value)
        {
            throw new SchemaException(facts.Path, $"'{facts.Path}': bounds of numbers that are not integers must be whole; {given.Value} is not supported.");
        }

        // A bound beyond all numbers that are written bounds nothing.
        return farthest > 0 ? given.Value > farthest ? null : (Clamp(given.Value), given.IsExclusive)
            : given.Value < farthest ? null : (Clamp(given.Value), given.IsExclusive);
    }

    private static long Clamp(decimal value) => (long)Math.Clamp(value, -NumberRange.Most - 1, NumberRange.Most + 1);
}
