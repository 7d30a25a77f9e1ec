namespace Rubato.Models.Chat;

/// <summary>The methods of strings, maps and namespaces that templates call.</summary>
internal static class TemplateMethods
{
    /// <summary>The method bound to its target, or null when the target has none of that name.</summary>
    public static TemplateCallable? Find(object? target, string name) => target switch
    {
        string text when OfString(name) is { } method => new(name, call => Charged(text, call, method)),
        OrderedDictionary<string, object?> map when OfMap(name) is { } method => new(name, call => method(map, call)),
        _ => null,
    };

    private static object? Charged(string text, TemplateCall call, Func<string, TemplateCall, object?> method)
    {
        call.Run.Charge(text.Length);
        return method(text, call);
    }

    private static Func<string, TemplateCall, object?>? OfString(string name) => name switch
    {
        "strip" => static (text, call) => text.Trim(Stripped(call)),
        "lstrip" => static (text, call) => text.TrimStart(Stripped(call)),
        "rstrip" => static (text, call) => text.TrimEnd(Stripped(call)),
        "upper" => static (text, _) => text.ToUpperInvariant(),
        "lower" => static (text, _) => text.ToLowerInvariant(),
        "title" => static (text, _) => TemplateText.Title(text),
        "capitalize" => static (text, _) => TemplateText.Capitalize(text),
        "startswith" => static (text, call) => AnyAffix(call, affix => text.StartsWith(affix, StringComparison.Ordinal)),
        "endswith" => static (text, call) => AnyAffix(call, affix => text.EndsWith(affix, StringComparison.Ordinal)),
        "split" => static (text, call) => TemplateText.Split(text, call),
        "splitlines" => static (text, call) => TemplateText.Lines(text, call.Run),
        "replace" => static (text, call) =>
            TemplateText.Replace(text, call.Text(0, "old"), call.Text(1, "new"), call.Integer(2, "count", -1), call.Run),
        "find" => static (text, call) => TemplateText.Find(text, call.Text(0, "sub"), last: false, call.Run),
        "rfind" => static (text, call) => TemplateText.Find(text, call.Text(0, "sub"), last: true, call.Run),
        "count" => static (text, call) => TemplateText.Count(text, call.Text(0, "sub"), call.Run),
        "join" => static (text, call) => TemplateText.Join(TemplateValues.Elements(call.Get(0, "iterable"), call.Run), text, call.Run),
        "isdigit" => static (text, _) => text.Length > 0 && text.All(char.IsDigit),
        _ => null,
    };

    private static Func<OrderedDictionary<string, object?>, TemplateCall, object?>? OfMap(string name) => name switch
    {
        "items" => static (map, call) => TemplateFilters.Items(map, call.Run),
        "keys" => static (map, call) => TemplateValues.Elements(map, call.Run),
        "values" => static (map, call) => Values(map, call.Run),
        "get" => static (map, call) => map.TryGetValue(call.Text(0, "key"), out var value) ? value : call.Get(1, "default"),
        _ => null,
    };

    private static List<object?> Values(OrderedDictionary<string, object?> map, TemplateRun run)
    {
        run.ChargeElements(map.Count);
        return [.. map.Values];
    }

    /// <summary>The characters to strip; null means white space.</summary>
    private static char[]? Stripped(TemplateCall call) => call.OptionalText(0, "chars")?.ToCharArray();

    private static bool AnyAffix(TemplateCall call, Func<string, bool> matches) => call.Get(0, "prefix") switch
    {
        string affix => matches(affix),
        List<object?> affixes => affixes.OfType<string>().Any(matches),
        _ => throw call.Run.Error($"{call.Name} needs a string or a list of strings."),
    };
}
