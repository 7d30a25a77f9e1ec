using System.Globalization;

namespace Rubato.Models.Chat;

/// <summary>The filters behind "|".</summary>
internal static class TemplateFilters
{
    public static object? Apply(string name, object? value, TemplateCall call)
    {
        var run = call.Run;
        return name switch
        {
            "trim" => call.OptionalText(0, "chars") is { } characters ? Text(value, call).Trim(characters.ToCharArray()) : Text(value, call).Trim(),
            "upper" => Text(value, call).ToUpperInvariant(),
            "lower" => Text(value, call).ToLowerInvariant(),
            "title" => TemplateText.Title(Text(value, call)),
            "capitalize" => TemplateText.Capitalize(Text(value, call)),
            "string" or "safe" => Text(value, call),
            "replace" => TemplateText.Replace(Text(value, call), call.Text(0, "old"), call.Text(1, "new"), call.Integer(2, "count", -1), run),
            "indent" => TemplateText.Indent(Text(value, call), call),
            "join" => TemplateText.Join(
                Mapped(TemplateValues.Elements(value, run), call.OptionalText(1, "attribute"), run), call.OptionalText(0, "d") ?? "", run),
            "tojson" => TemplateJson.Write(value, call),
            "length" or "count" => Length(value, run),
            "default" or "d" => Default(value, call),
            "first" => Element(TemplateValues.Elements(value, run), fromEnd: false),
            "last" => Element(TemplateValues.Elements(value, run), fromEnd: true),
            "list" => TemplateValues.Elements(value, run) is TemplateTuple tuple ? tuple.ToList() : TemplateValues.Elements(value, run),
            "reverse" => Reverse(value, run),
            "items" => value is TemplateUndefined ? new List<object?>() : Items(Map(value, name, run), run),
            "dictsort" => SortedItems(Map(value, name, run), run),
            "map" => Map(TemplateValues.Elements(value, run), call),
            "selectattr" or "rejectattr" => Select(TemplateValues.Elements(value, run), call, byAttribute: true, wanted: name[0] == 's'),
            "select" or "reject" => Select(TemplateValues.Elements(value, run), call, byAttribute: false, wanted: name[0] == 's'),
            "sort" => Sort(TemplateValues.Elements(value, run), call),
            "unique" => Unique(TemplateValues.Elements(value, run), call),
            "sum" => TemplateNumbers.Sum(Mapped(TemplateValues.Elements(value, run), call.OptionalText(0, "attribute"), run), call),
            "min" or "max" => Extreme(TemplateValues.Elements(value, run), call, name == "max" ? 1 : -1),
            "round" => TemplateNumbers.Round(value, call),
            "attr" => value is TemplateNamespace space && space.Attributes.TryGetValue(call.Text(0, "name"), out var attribute)
                ? attribute
                : TemplateMethods.Find(value, call.Text(0, "name")) ?? (object)new TemplateUndefined(call.Text(0, "name")),
            "format" => TemplateText.Format(Text(value, call), call.Positional, run),
            "escape" or "e" or "forceescape" => TemplateText.Escape(Text(value, call), run),
            "int" => Integer(value, call),
            "float" => Float(value, call),
            "abs" => TemplateValues.Compare(value, 0L, run) < 0 ? TemplateOperators.Negate(value, run) : value,
            _ => throw run.Error($"the filter \"{name}\" is not supported."),
        };
    }

    public static List<object?> Items(OrderedDictionary<string, object?> map, TemplateRun run)
    {
        run.ChargeElements(map.Count * 4L);
        return [.. map.Select(entry => new TemplateTuple(entry.Key, entry.Value))];
    }

    private static List<object?> SortedItems(OrderedDictionary<string, object?> map, TemplateRun run)
    {
        run.ChargeElements(map.Count * 4L);
        return [.. map.OrderBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase).Select(entry => new TemplateTuple(entry.Key, entry.Value))];
    }

    private static string Text(object? value, TemplateCall call)
    {
        var text = TemplateValues.ToText(value, call.Run);
        call.Run.Charge(text.Length);
        return text;
    }

    private static OrderedDictionary<string, object?> Map(object? value, string filter, TemplateRun run) =>
        value as OrderedDictionary<string, object?> ?? throw run.Error($"{filter} needs a map, not {TemplateValues.TypeName(value)}.");

    private static long Length(object? value, TemplateRun run) => value switch
    {
        string text => TemplateCodePoints.Count(text),
        List<object?> list => list.Count,
        OrderedDictionary<string, object?> map => map.Count,
        TemplateUndefined => 0,
        _ => throw run.Error($"{TemplateValues.TypeName(value)} has no length."),
    };

    private static object? Default(object? value, TemplateCall call)
    {
        var missing = value is TemplateUndefined || (TemplateValues.IsTrue(call.Get(1, "boolean", false)) && !TemplateValues.IsTrue(value));
        return missing ? call.Get(0, "default_value", "") : value;
    }

    private static object? Element(List<object?> items, bool fromEnd) =>
        items.Count == 0 ? new TemplateUndefined("element of an empty list") : items[fromEnd ? ^1 : 0];

    private static object Reverse(object? value, TemplateRun run)
    {
        var items = TemplateValues.Elements(value, run);
        run.ChargeElements(items.Count);
        var reversed = Enumerable.Reverse(items).ToList();
        return value is string ? string.Concat(reversed) : reversed;
    }

    private static List<object?> Map(List<object?> items, TemplateCall call)
    {
        call.Run.ChargeElements(items.Count);
        if (call.Named.TryGetValue("attribute", out var attribute))
        {
            var path = attribute as string ?? throw call.Run.Error("map needs a string as \"attribute\".");
            var mapped = Mapped(items, path, call.Run);
            return call.Named.TryGetValue("default", out var missing) ? mapped.ConvertAll(item => item is TemplateUndefined ? missing : item) : mapped;
        }

        var inner = new TemplateCall(call.Run, call.Text(0, "filter"), [.. call.Positional.Skip(1)], call.Named);
        return inner.Name is "map" or "select" or "reject" or "selectattr" or "rejectattr"
            ? throw call.Run.Error($"map cannot apply the filter \"{inner.Name}\".")
            : items.ConvertAll(item => Apply(inner.Name, item, inner));
    }

    private static List<object?> Mapped(List<object?> items, string? attribute, TemplateRun run)
    {
        run.ChargeElements(items.Count);
        return attribute is null ? items : items.ConvertAll(item => TemplateOperators.Path(item, attribute, run));
    }

    private static List<object?> Select(List<object?> items, TemplateCall call, bool byAttribute, bool wanted)
    {
        var first = byAttribute ? 1 : 0;
        var test = call.OptionalText(first, "test");
        var inner = new TemplateCall(call.Run, test ?? "", [.. call.Positional.Skip(first + 1)], call.Named);
        call.Run.ChargeElements(items.Count);
        return items.FindAll(item =>
        {
            call.Run.Charge(1);
            var subject = byAttribute ? TemplateOperators.Path(item, call.Text(0, "attribute"), call.Run) : item;
            return (test is null ? TemplateValues.IsTrue(subject) : TemplateTests.Apply(test, subject, inner)) == wanted;
        });
    }

    private static List<object?> Sort(List<object?> items, TemplateCall call)
    {
        call.Run.ChargeElements(items.Count * 2L);
        var attribute = call.OptionalText(2, "attribute");
        var keepsCase = TemplateValues.IsTrue(call.Get(1, "case_sensitive", false));
        var comparer = Comparer<object?>.Create((a, b) => TemplateValues.Compare(a, b, call.Run));
        var keyed = items.ConvertAll(item => (Item: item, Key: Key(attribute is null ? item : TemplateOperators.Path(item, attribute, call.Run), keepsCase)));
        foreach (var (_, key) in keyed)
        {
            // Refuses keys without an order here, because an error inside a sort arrives wrapped in another.
            TemplateValues.Compare(keyed[0].Key, key, call.Run);
        }

        var falling = TemplateValues.IsTrue(call.Get(0, "reverse", false));
        return falling
            ? [.. keyed.OrderByDescending(entry => entry.Key, comparer).Select(entry => entry.Item)]
            : [.. keyed.OrderBy(entry => entry.Key, comparer).Select(entry => entry.Item)];
    }

    /// <summary>What filters that order and compare look at: letters count as their lower case unless they are told otherwise.</summary>
    private static object? Key(object? value, bool keepsCase) => value is string text && !keepsCase ? text.ToLowerInvariant() : value;

    private static List<object?> Unique(List<object?> items, TemplateCall call)
    {
        var (kept, keys) = (new List<object?>(), new List<object?>());
        var keepsCase = TemplateValues.IsTrue(call.Get(0, "case_sensitive", false));
        var attribute = call.OptionalText(1, "attribute");
        foreach (var item in items)
        {
            var key = Key(attribute is null ? item : TemplateOperators.Path(item, attribute, call.Run), keepsCase);
            if (!keys.Exists(other => TemplateValues.AreEqual(key, other, call.Run)))
            {
                kept.Add(item);
                keys.Add(key);
            }
        }

        return kept;
    }

    private static object? Extreme(List<object?> items, TemplateCall call, int sign)
    {
        var keepsCase = TemplateValues.IsTrue(call.Get(0, "case_sensitive", false));
        var attribute = call.OptionalText(1, "attribute");
        object? KeyOf(object? item) => Key(attribute is null ? item : TemplateOperators.Path(item, attribute, call.Run), keepsCase);
        var best = items.Count == 0 ? new TemplateUndefined("extreme of an empty list") : items[0];
        foreach (var item in items.Skip(1))
        {
            call.Run.Charge(1);
            best = TemplateValues.Compare(KeyOf(item), KeyOf(best), call.Run) * sign > 0 ? item : best;
        }

        return best;
    }

    private static object? Integer(object? value, TemplateCall call) => value switch
    {
        long => value,
        bool truth => truth ? 1L : 0L,
        double number when Math.Abs(number) < 9e18 => (long)number,
        string text when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) => whole,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && Math.Abs(real) < 9e18 => (long)real,
        _ => call.Get(0, "default", 0L),
    };

    private static object? Float(object? value, TemplateCall call) => value switch
    {
        double => value,
        bool truth => truth ? 1.0 : 0.0,
        long whole => (double)whole,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => call.Get(0, "default", 0.0),
    };
}
