namespace Rubato.Models.Grammars.Patterns;

/// <summary>The values of JSON Schema's <c>format</c> that are enforced, each as a pattern for a large part of what the format allows.</summary>
internal static class StringFormats
{
    private const string MonthDay =
        "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))";

    private const string Date = "[12][0-9]{3}-" + MonthDay;
    private const string Time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
    private const string Byte = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

    private static readonly Dictionary<string, string> Patterns = new(StringComparer.Ordinal)
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = Date + "T" + Time,
        ["duration"] = "P(?:[0-9]{1,4}W|[0-9]{1,4}D(?:T[0-9]{1,4}H)?|T(?:[0-9]{1,4}H)?[0-9]{1,4}M|T[0-9]{1,6}S)",
        ["uuid"] = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        ["email"] = "[A-Za-z0-9_%+-]{1,20}(?:\\.[A-Za-z0-9_%+-]{1,20}){0,2}@" + Label + "(?:\\." + Label + "){1,3}",
        ["hostname"] = Label + "(?:\\." + Label + "){0,4}",
        ["ipv4"] = Byte + "(?:\\." + Byte + "){3}",
        ["uri"] = "(?:https?|ftp)://" + Label + "(?:\\." + Label + "){0,4}(?::[1-9][0-9]{0,3})?(?:/[A-Za-z0-9._~-]*)*(?:\\?[A-Za-z0-9._~=&-]*)?",
    };

    /// <summary>The names, for messages.</summary>
    public static string Names => string.Join(", ", Patterns.Keys.Order(StringComparer.Ordinal));

    /// <summary>The anchored pattern of a format; null when it is not supported.</summary>
    public static string? Find(string format) => Patterns.TryGetValue(format, out var pattern) ? $"^(?:{pattern})$" : null;
}
