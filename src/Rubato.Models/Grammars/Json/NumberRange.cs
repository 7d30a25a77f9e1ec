using System.Globalization;
using Rubato.Models.Grammars.Expressions;

namespace Rubato.Models.Grammars.Json;

/// <summary>The decimal texts of numbers within bounds.</summary>
internal static class NumberRange
{
    /// <summary>The largest number of <see cref="JsonText.DigitsMax"/> digits.</summary>
    public const long Most = 999_999_999_999_999_999;

    /// <summary>Whole numbers, both ends included; null is the largest that is written.</summary>
    public static GrammarExpression Integers(long? min, long? max)
    {
        var (low, high) = (Math.Max(min ?? -Most, -Most), Math.Min(max ?? Most, Most));
        var items = new List<GrammarExpression>();
        if (low < 0 && low <= high)
        {
            items.Add(GrammarExpression.Sequence(JsonText.Text("-"), Natural(Math.Max(1, -high), -low)));
        }

        if (high >= 0 && low <= high)
        {
            items.Add(Natural(Math.Max(0, low), high));
        }

        return GrammarExpression.Choice([.. items]);
    }

    /// <summary>Numbers with or without a fraction between whole bounds; without exponents.</summary>
    public static GrammarExpression Numbers((long Value, bool IsExclusive)? min, (long Value, bool IsExclusive)? max)
    {
        var low = min ?? (-Most, true);
        var high = max ?? (Most, true);
        var items = new List<GrammarExpression>();
        if (high.Value >= 0)
        {
            items.Add(Positive(low.Value >= 0 ? low : (0, false), high));
        }

        if (low.Value < 0)
        {
            var nearest = high.Value < 0 ? (-high.Value, high.IsExclusive) : (0, true);
            items.Add(GrammarExpression.Sequence(JsonText.Text("-"), Positive(nearest, (-low.Value, low.IsExclusive))));
        }

        return GrammarExpression.Choice([.. items]);
    }

    /// <summary>Numbers from 0 on; an end that is excluded may still be the whole part of a number with a fraction.</summary>
    private static GrammarExpression Positive((long Value, bool IsExclusive) low, (long Value, bool IsExclusive) high)
    {
        var items = new List<GrammarExpression>();
        var from = low.IsExclusive ? low.Value + 1 : low.Value;
        if (from <= high.Value - 1)
        {
            items.Add(GrammarExpression.Sequence(Natural(from, high.Value - 1), GrammarExpression.Optional(JsonText.Fraction)));
        }

        if (low.IsExclusive && low.Value < high.Value)
        {
            items.Add(GrammarExpression.Sequence(
                Natural(low.Value, low.Value),
                JsonText.Text("."),
                GrammarExpression.Repeat(JsonText.Digit, 0, JsonText.DigitsMax - 1),
                GrammarExpression.Range((byte)'1', (byte)'9')));
        }

        if (!high.IsExclusive && high.Value >= from)
        {
            items.Add(Natural(high.Value, high.Value));
        }

        return GrammarExpression.Choice([.. items]);
    }

    /// <summary>Whole numbers from 0 on, length by length.</summary>
    private static GrammarExpression Natural(long low, long high)
    {
        var items = new List<GrammarExpression>();
        var (first, end) = (Digits(low).Length, Digits(high).Length);
        for (var length = first; length <= end && low <= high; length++)
        {
            var from = length == first ? Digits(low) : "1" + new string('0', length - 1);
            var to = length == end ? Digits(high) : new string('9', length);
            items.Add(Between(from, to));
        }

        return GrammarExpression.Choice([.. items]);
    }

    private static GrammarExpression Between(string low, string high)
    {
        var shared = low.AsSpan().CommonPrefixLength(high);
        if (shared == low.Length)
        {
            return JsonText.Text(low);
        }

        var rest = low.Length - shared - 1;
        var items = new List<GrammarExpression>
        {
            GrammarExpression.Sequence(JsonText.Text(low[shared..(shared + 1)]), AtLeast(low[(shared + 1)..])),
        };
        if (high[shared] - low[shared] > 1)
        {
            items.Add(GrammarExpression.Sequence(
                GrammarExpression.Range((byte)(low[shared] + 1), (byte)(high[shared] - 1)), GrammarExpression.Repeat(JsonText.Digit, rest, rest)));
        }

        items.Add(GrammarExpression.Sequence(JsonText.Text(high[shared..(shared + 1)]), AtMost(high[(shared + 1)..])));
        return GrammarExpression.Sequence(JsonText.Text(low[..shared]), GrammarExpression.Choice([.. items]));
    }

    private static GrammarExpression AtLeast(string low) => Bounded(low, (byte)'9', (digit, end) => (digit + 1, end));

    private static GrammarExpression AtMost(string high) => Bounded(high, (byte)'0', (digit, end) => (end, digit - 1));

    /// <summary>The bound itself, or a digit on the free side of it somewhere and any digits behind.</summary>
    private static GrammarExpression Bounded(string bound, byte end, Func<int, int, (int Low, int High)> side)
    {
        var result = GrammarExpression.Empty;
        for (var i = bound.Length - 1; i >= 0; i--)
        {
            var rest = bound.Length - 1 - i;
            var same = GrammarExpression.Sequence(JsonText.Text(bound[i..(i + 1)]), result);
            var (low, high) = side(bound[i], end);
            result = low > high
                ? same
                : GrammarExpression.Choice(same, GrammarExpression.Sequence(
                    GrammarExpression.Range((byte)low, (byte)high), GrammarExpression.Repeat(JsonText.Digit, rest, rest)));
        }

        return result;
    }

    private static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);
}
