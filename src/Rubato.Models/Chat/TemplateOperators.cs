using System.Globalization;

namespace Rubato.Models.Chat;

/// <summary>The binary and unary operators, indexing and slicing.</summary>
internal static class TemplateOperators
{
    public static object? Binary(string name, object? left, object? right, TemplateRun run) => name switch
    {
        "==" => TemplateValues.AreEqual(left, right, run),
        "!=" => !TemplateValues.AreEqual(left, right, run),
        "<" => TemplateValues.Compare(left, right, run) < 0,
        ">" => TemplateValues.Compare(left, right, run) > 0,
        "<=" => TemplateValues.Compare(left, right, run) <= 0,
        ">=" => TemplateValues.Compare(left, right, run) >= 0,
        "in" => Contains(right, left, run),
        "not in" => !Contains(right, left, run),
        "~" => Concatenate(TemplateValues.ToText(left, run), TemplateValues.ToText(right, run), run),
        "+" => Add(left, right, run),
        "*" when (left, right) is (string text, long count) => Repeat(text, count, run),
        "*" when (left, right) is (long count, string text) => Repeat(text, count, run),
        "%" when left is string format => TemplateText.Format(format, right as List<object?> ?? [right], run),
        _ => Arithmetic(name, left, right, run),
    };

    public static object Negate(object? value, TemplateRun run) => TemplateValues.Number(value) switch
    {
        long whole when whole != long.MinValue => (object)-whole,
        double number => -number,
        _ => throw run.Error($"{TemplateValues.TypeName(value)} cannot be negated."),
    };

    public static bool Contains(object? container, object? item, TemplateRun run)
    {
        switch (container)
        {
            case string text:
                var part = item as string ?? throw run.Error($"{TemplateValues.TypeName(item)} cannot be searched in a string.");
                run.ChargeSearch(text, part);
                return text.Contains(part, StringComparison.Ordinal);
            case List<object?> list:
                return list.Any(element => TemplateValues.AreEqual(element, item, run));
            case OrderedDictionary<string, object?> map:
                return item is string key && map.ContainsKey(key);
            case TemplateUndefined:
                return false;
            default:
                throw run.Error($"{TemplateValues.TypeName(container)} cannot be searched.");
        }
    }

    public static object? Index(object? target, object? index, TemplateRun run)
    {
        switch (target, index)
        {
            case (OrderedDictionary<string, object?> map, string key):
                return map.TryGetValue(key, out var found) ? found : new TemplateUndefined(key);
            case (List<object?> list, long at):
                at = at < 0 ? at + list.Count : at;
                return at >= 0 && at < list.Count ? list[(int)at] : new TemplateUndefined($"element {at}");
            case (string text, long at):
                run.Charge(text.Length / 4);
                var count = TemplateCodePoints.Count(text);
                at = at < 0 ? at + count : at;
                return at < 0 || at >= count ? new TemplateUndefined($"character {at}")
                    : count == text.Length ? text[(int)at].ToString() : TemplateCodePoints.At(text, (int)at);
            case (TemplateUndefined undefined, _):
                throw run.Error($"\"{undefined.Name}\" is undefined.");
            default:
                return new TemplateUndefined(index as string ?? "element");
        }
    }

    /// <summary>What stands under a path of names and places with dots between.</summary>
    public static object? Path(object? target, string path, TemplateRun run)
    {
        foreach (var part in path.Split('.'))
        {
            run.Charge(part.Length);
            target = Index(target, long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : part, run);
        }

        return target;
    }

    public static object Slice(object? target, object? start, object? stop, object? step, TemplateRun run)
    {
        if (target is string whole && TemplateCodePoints.Count(whole) != whole.Length)
        {
            run.ChargeElements(whole.Length);
            return string.Concat(((List<object?>)Slice(TemplateCodePoints.Split(whole).ToList<object?>(), start, stop, step, run)).Cast<string>());
        }

        var length = target switch
        {
            List<object?> list => list.Count,
            string text => text.Length,
            _ => throw run.Error($"{TemplateValues.TypeName(target)} cannot be sliced."),
        };
        var by = Bound(step, 1, run);
        if (by == 0)
        {
            throw run.Error("the step of a slice cannot be 0.");
        }

        var (first, last) = by > 0
            ? (Clamp(Bound(start, 0, run), length, 0, length), Clamp(Bound(stop, length, run), length, 0, length))
            : (start is null ? length - 1 : Clamp(Bound(start, 0, run), length, -1, length - 1),
               stop is null ? -1 : Clamp(Bound(stop, 0, run), length, -1, length - 1));
        run.Charge(length);
        var places = Places(first, last, by);
        return target is List<object?> items
            ? places.Select(place => items[place]).ToList()
            : string.Concat(places.Select(place => ((string)target!)[place]));
    }

    public static string Concatenate(string left, string right, TemplateRun run)
    {
        run.Charge((long)left.Length + right.Length);
        return left + right;
    }

    private static long Bound(object? value, long missing, TemplateRun run) => value switch
    {
        null => missing,
        long whole => Math.Clamp(whole, int.MinValue, int.MaxValue),
        _ => throw run.Error($"{TemplateValues.TypeName(value)} cannot bound a slice."),
    };

    private static long Clamp(long at, int length, int least, int most) => Math.Clamp(at < 0 ? at + length : at, least, most);

    private static IEnumerable<int> Places(long first, long last, long by)
    {
        for (var place = first; by > 0 ? place < last : place > last; place += by)
        {
            yield return (int)place;
        }
    }

    private static object Add(object? left, object? right, TemplateRun run)
    {
        switch (left, right)
        {
            case (string a, string b):
                return Concatenate(a, b, run);
            case (List<object?> a, List<object?> b):
                run.ChargeElements((long)a.Count + b.Count);
                return new List<object?>([.. a, .. b]);
            default:
                return Arithmetic("+", left, right, run);
        }
    }

    private static string Repeat(string text, long count, TemplateRun run)
    {
        count = Math.Clamp(count, 0, int.MaxValue);
        run.Charge(text.Length * count);
        return string.Concat(Enumerable.Repeat(text, text.Length == 0 ? 0 : (int)count));
    }

    private static object Arithmetic(string name, object? left, object? right, TemplateRun run)
    {
        var (a, b) = (TemplateValues.Number(left), TemplateValues.Number(right));
        if (a is null || b is null)
        {
            throw run.Error($"{TemplateValues.TypeName(left)} {name} {TemplateValues.TypeName(right)} has no meaning.");
        }

        if (name is "/" or "//" or "%" && Convert.ToDouble(b, CultureInfo.InvariantCulture) == 0)
        {
            throw run.Error("division by zero.");
        }

        return a is long x && b is long y && name != "/" && !(name == "**" && y < 0)
            ? Whole(name, x, y, run)
            : Real(name, Convert.ToDouble(a, CultureInfo.InvariantCulture), Convert.ToDouble(b, CultureInfo.InvariantCulture));
    }

    private static object Whole(string name, long x, long y, TemplateRun run)
    {
        var exact = name switch
        {
            "+" => (Int128)x + y,
            "-" => (Int128)x - y,
            "*" => (Int128)x * y,
            "//" => FloorDivide(x, y),
            "%" => (Int128)x - FloorDivide(x, y) * y,
            _ => (Int128)Math.Clamp(Math.Pow(x, y), -1e30, 1e30),
        };
        return exact >= long.MinValue && exact <= long.MaxValue
            ? (long)exact
            : throw run.Error("integer outside 64 bits.");
    }

    private static Int128 FloorDivide(Int128 x, Int128 y)
    {
        var quotient = x / y;
        return x % y != 0 && x < 0 != y < 0 ? quotient - 1 : quotient;
    }

    private static object Real(string name, double x, double y) => name switch
    {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "/" => x / y,
        "//" => Math.Floor(x / y),
        "%" => x - Math.Floor(x / y) * y,
        _ => Math.Pow(x, y),
    };
}
