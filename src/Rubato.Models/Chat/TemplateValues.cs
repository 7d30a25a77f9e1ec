using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rubato.Models.Chat;

/// <summary>A value that is not there; it prints as nothing, is false, and has no attributes.</summary>
internal sealed record TemplateUndefined(string Name);

/// <summary>A list that prints in round brackets.</summary>
internal sealed class TemplateTuple : List<object?>
{
    public TemplateTuple(params IEnumerable<object?> items)
        : base(items)
    {
    }
}

/// <summary>A value whose attributes can be set: what <c>namespace()</c> makes.</summary>
internal sealed record TemplateNamespace(Dictionary<string, object?> Attributes);

/// <summary>Something that can be called.</summary>
internal sealed record TemplateCallable(string Name, Func<TemplateCall, object?> Invoke);

/// <summary>What the operators do with values: null (none), bool, long, double, string, list, map, undefined.</summary>
/// <remarks>Lists are <see cref="List{T}"/> and maps <see cref="OrderedDictionary{TKey, TValue}"/>; a template cannot change either.</remarks>
internal static class TemplateValues
{
    private const int MaximumNesting = 64;

    public static bool IsTrue(object? value) => value switch
    {
        null or TemplateUndefined => false,
        bool truth => truth,
        long whole => whole != 0,
        double number => number != 0,
        string text => text.Length > 0,
        List<object?> list => list.Count > 0,
        OrderedDictionary<string, object?> map => map.Count > 0,
        _ => true,
    };

    public static string TypeName(object? value) => value switch
    {
        null => "none",
        TemplateUndefined => "undefined",
        bool => "a boolean",
        long => "an integer",
        double => "a number",
        string => "a string",
        List<object?> => "a list",
        OrderedDictionary<string, object?> => "a map",
        TemplateNamespace => "a namespace",
        TemplateLoop => "the loop",
        _ => "a callable",
    };

    public static bool AreEqual(object? a, object? b, TemplateRun run, int nesting = 0)
    {
        if (nesting > MaximumNesting)
        {
            throw run.Error($"values nested deeper than {MaximumNesting} levels.");
        }

        run.Charge(8 + ((a as string)?.Length ?? 0) / 16); // A comparison costs about what eight characters do.
        return (Number(a), Number(b)) switch
        {
            (long x, long y) => x == y,
            (not null and var x, not null and var y) =>
                Convert.ToDouble(x, CultureInfo.InvariantCulture) == Convert.ToDouble(y, CultureInfo.InvariantCulture),
            _ => (a, b) switch
            {
                (null, null) or (TemplateUndefined, TemplateUndefined) => true,
                (string x, string y) => string.Equals(x, y, StringComparison.Ordinal),
                (List<object?> x, List<object?> y) => x.Count == y.Count
                    && x.Zip(y).All(pair => AreEqual(pair.First, pair.Second, run, nesting + 1)),
                (OrderedDictionary<string, object?> x, OrderedDictionary<string, object?> y) => x.Count == y.Count
                    && x.All(entry => y.TryGetValue(entry.Key, out var other) && AreEqual(entry.Value, other, run, nesting + 1)),
                _ => ReferenceEquals(a, b),
            },
        };
    }

    private static int CompareLists(List<object?> a, List<object?> b, TemplateRun run, int nesting)
    {
        if (nesting > MaximumNesting)
        {
            throw run.Error($"values nested deeper than {MaximumNesting} levels.");
        }

        for (var i = 0; i < a.Count && i < b.Count; i++)
        {
            run.Charge(1);
            if (!AreEqual(a[i], b[i], run, nesting + 1))
            {
                return Compare(a[i], b[i], run, nesting + 1);
            }
        }

        return a.Count.CompareTo(b.Count);
    }

    public static int Compare(object? a, object? b, TemplateRun run, int nesting = 0) => (Number(a), Number(b)) switch
    {
        (long x, long y) => x.CompareTo(y),
        (not null and var x, not null and var y) =>
            Convert.ToDouble(x, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(y, CultureInfo.InvariantCulture)),
        _ when a is List<object?> x && b is List<object?> y => CompareLists(x, y, run, nesting),
        _ => a is string first && b is string second
            ? string.CompareOrdinal(first, second)
            : throw run.Error($"{TypeName(a)} and {TypeName(b)} have no order."),
    };

    /// <summary>The value as a number, booleans as 0 and 1 as in Python: a long, a double, or null when it is none.</summary>
    public static object? Number(object? value) => value switch
    {
        bool truth => truth ? 1L : 0L,
        long or double => value,
        _ => null,
    };

    /// <summary>The elements to loop over.</summary>
    public static List<object?> Elements(object? value, TemplateRun run)
    {
        switch (value)
        {
            case List<object?> list:
                return list;
            case TemplateUndefined:
                return [];
            case OrderedDictionary<string, object?> map:
                run.ChargeElements(map.Count);
                return [.. map.Keys];
            case string text:
                run.ChargeElements(text.Length);
                return [.. text.EnumerateRunes().Select(rune => (object?)rune.ToString())];
            default:
                throw run.Error($"{TypeName(value)} cannot be looped over.");
        }
    }

    /// <summary>A JSON value as templates see it.</summary>
    public static object? FromJson(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? (object)whole : value.GetDouble(),
        JsonValueKind.Array => value.EnumerateArray().Select(FromJson).ToList(),
        _ => new OrderedDictionary<string, object?>(
            value.EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, FromJson(entry.Value))).DistinctBy(entry => entry.Key), StringComparer.Ordinal),
    };

    /// <summary>The value as output prints it, as Python would.</summary>
    public static string ToText(object? value, TemplateRun run)
    {
        if (value is string text)
        {
            return text;
        }

        var builder = new StringBuilder();
        Append(builder, value, run, nesting: 0);
        return builder.ToString();
    }

    private static void Append(StringBuilder builder, object? value, TemplateRun run, int nesting)
    {
        if (nesting > MaximumNesting)
        {
            throw run.Error($"values nested deeper than {MaximumNesting} levels.");
        }

        run.Charge(8);
        switch (value)
        {
            case TemplateUndefined:
                break;
            case null:
                builder.Append("None");
                break;
            case bool truth:
                builder.Append(truth ? "True" : "False");
                break;
            case long whole:
                builder.Append(CultureInfo.InvariantCulture, $"{whole}");
                break;
            case double number:
                builder.Append(NumberText(number));
                break;
            case string text:
                run.Charge(text.Length);
                builder.Append(TemplateCodePoints.Quoted(text));
                break;
            case List<object?> list:
                AppendList(builder, list, run, nesting);
                break;
            case OrderedDictionary<string, object?> map:
                AppendMap(builder, map, run, nesting);
                break;
            default:
                throw run.Error($"{TypeName(value)} cannot be printed.");
        }
    }

    /// <summary>A number as Python prints it: always with a point or an exponent.</summary>
    public static string NumberText(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        if (Math.Abs(number) is >= 1e15 and < 1e16)
        {
            return number.ToString("F1", CultureInfo.InvariantCulture);
        }

        var text = number.ToString("R", CultureInfo.InvariantCulture);
        if (Math.Abs(number) >= 1e16 && !text.Contains('E', StringComparison.Ordinal))
        {
            var digits = text.TrimStart('-');
            var mantissa = digits.TrimEnd('0');
            return string.Create(
                CultureInfo.InvariantCulture, $"{(number < 0 ? "-" : "")}{mantissa[0]}{(mantissa.Length > 1 ? "." : "")}{mantissa[1..]}e+{digits.Length - 1:00}");
        }

        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text.Replace('E', 'e');
    }

    private static void AppendList(StringBuilder builder, List<object?> list, TemplateRun run, int nesting)
    {
        var isTuple = list is TemplateTuple;
        builder.Append(isTuple ? '(' : '[');
        for (var i = 0; i < list.Count; i++)
        {
            builder.Append(i == 0 ? "" : ", ");
            Append(builder, list[i], run, nesting + 1);
        }

        builder.Append(isTuple && list.Count == 1 ? "," : "").Append(isTuple ? ')' : ']');
    }

    private static void AppendMap(StringBuilder builder, OrderedDictionary<string, object?> map, TemplateRun run, int nesting)
    {
        builder.Append('{');
        var separator = "";
        foreach (var (key, value) in map)
        {
            builder.Append(separator);
            Append(builder, key, run, nesting + 1);
            builder.Append(": ");
            Append(builder, value, run, nesting + 1);
            separator = ", ";
        }

        builder.Append('}');
    }
}
