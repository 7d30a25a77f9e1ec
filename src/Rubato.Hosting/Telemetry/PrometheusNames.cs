using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Rubato.Hosting.Telemetry;

/// <summary>Names, labels, numbers and escapes of Prometheus' text format, version 0.0.4.</summary>
internal static class PrometheusNames
{
    /// <summary>The metric name: dots become underscores, the unit and (for a counter) <c>total</c> are appended unless already there.</summary>
    public static string Metric(Instrument instrument, bool isCounter)
    {
        var name = Sanitize(instrument.Name, colonAllowed: true);
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        name = name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
        return !isCounter || name.EndsWith("_total", StringComparison.Ordinal) ? name : name + "_total";
    }

    /// <summary>The labels, sorted by name, without the braces.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var sorted = tags.ToArray();
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Key, b.Key));
        var text = new StringBuilder();
        foreach (var (name, value) in sorted)
        {
            var escaped = EscapeLabel(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            text.Append(text.Length > 0 ? "," : "").Append(Sanitize(name, colonAllowed: false)).Append("=\"").Append(escaped).Append('"');
        }

        return text.ToString();
    }

    public static IReadOnlyList<double> Bounds(Instrument instrument) => instrument switch
    {
        Instrument<double> { Advice.HistogramBucketBoundaries: { } bounds } => bounds,
        Instrument<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => Buckets.RequestSeconds,
    };

    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    public static string EscapeHelp(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string EscapeLabel(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string Sanitize(string name, bool colonAllowed) => string.Create(name.Length, (name, colonAllowed), static (target, state) =>
    {
        for (var i = 0; i < target.Length; i++)
        {
            var c = state.name[i];
            var valid = char.IsAsciiLetter(c) || c == '_' || (c == ':' && state.colonAllowed) || (char.IsAsciiDigit(c) && i > 0);
            target[i] = valid ? c : '_';
        }
    });
}
