namespace Rubato.Models.Chat;

/// <summary>The methods of strings, maps and namespaces that templates call.</summary>
internal static class TemplateMethods
{
    /// <summary>The method bound to its target, or null when the target has none of that name.</summary>
    public static TemplateCallable? Find(object? target, string name) => target switch
    {
        string text when OfString(name) is { } method => new(name, call => Charged(text, call, method)),
        List<object?> list when OfList(name) is { } method => new(name, call => method(list, call)),
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
        "find" => static (text, call) => TemplateCodePoints.FromUnits(text, (int)TemplateText.Find(text, call.Text(0, "sub"), last: false, call.Run)),
        "rfind" => static (text, call) => TemplateCodePoints.FromUnits(text, (int)TemplateText.Find(text, call.Text(0, "sub"), last: true, call.Run)),
        "index" => static (text, call) => TemplateText.Find(text, call.Text(0, "sub"), last: false, call.Run) is >= 0 and var at
            ? TemplateCodePoints.FromUnits(text, (int)at)
            : throw call.Run.Error("index: the string does not hold what is looked for."),
        "rsplit" => static (text, call) => TemplateText.SplitFromEnd(text, call),
        "partition" => static (text, call) => TemplateText.Partition(text, call, last: false),
        "rpartition" => static (text, call) => TemplateText.Partition(text, call, last: true),
        "removeprefix" => static (text, call) => text.StartsWith(call.Text(0, "prefix"), StringComparison.Ordinal) ? text[call.Text(0, "prefix").Length..] : text,
        "removesuffix" => static (text, call) => text.EndsWith(call.Text(0, "suffix"), StringComparison.Ordinal) ? text[..^call.Text(0, "suffix").Length] : text,
        "count" => static (text, call) => TemplateText.Count(text, call.Text(0, "sub"), call.Run),
        "join" => static (text, call) => TemplateText.Join(TemplateValues.Elements(call.Get(0, "iterable"), call.Run), text, call.Run),
        "isdigit" or "isnumeric" or "isdecimal" => static (text, _) => text.Length > 0 && text.All(char.IsDigit),
        "isalpha" => static (text, _) => text.Length > 0 && text.All(char.IsLetter),
        "isalnum" => static (text, _) => text.Length > 0 && text.All(char.IsLetterOrDigit),
        "isspace" => static (text, _) => text.Length > 0 && text.All(char.IsWhiteSpace),
        "isupper" => static (text, _) => text.Any(char.IsUpper) && !text.Any(char.IsLower),
        "islower" => static (text, _) => text.Any(char.IsLower) && !text.Any(char.IsUpper),
        _ => null,
    };

    private static Func<List<object?>, TemplateCall, object?>? OfList(string name) => name switch
    {
        "index" => static (list, call) => list.FindIndex(item => TemplateValues.AreEqual(item, call.Get(0, "value"), call.Run)) is >= 0 and var at
            ? (long)at
            : throw call.Run.Error("index: the list does not hold what is looked for."),
        "count" => static (list, call) => list.LongCount(item => TemplateValues.AreEqual(item, call.Get(0, "value"), call.Run)),
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
