using System.Globalization;
using Rubato.Core;

namespace Rubato.Simulation.Serving.Traces;

/// <summary>Reads the two forms of traces that are tables.</summary>
internal static class CsvTrace
{
    private const int ClientMax = 100;
    private const int TokensMax = 1 << 24;
    private const double SecondsMax = 1e8;
    private static readonly string[] TimeFormats = ["yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFFzzz"];

    public static List<TraceRow> ReadClients(TraceLines lines) => ReadRows(lines, 4, fields => new(
        Seconds(lines, fields[0]),
        Client(lines, fields[1]),
        Tokens(lines, "input_tokens", fields[2]),
        Tokens(lines, "output_tokens", fields[3])));

    public static List<TraceRow> ReadAzure(TraceLines lines) => ReadRows(lines, 3, fields => new(
        Timestamp(lines, fields[0]),
        "",
        Tokens(lines, "ContextTokens", fields[1]),
        Tokens(lines, "GeneratedTokens", fields[2])));

    private static List<TraceRow> ReadRows(TraceLines lines, int count, Func<string[], TraceRow> parse)
    {
        var rows = new List<TraceRow>();
        while (lines.Read() is { } line)
        {
            var fields = line.Split(',', count + 1);
            if (fields.Length != count)
            {
                throw new InvalidFormatException($"{lines.Place}: {fields.Length}{(fields.Length > count ? " or more" : "")} fields in place of {count}.");
            }

            rows.Add(parse(fields));
        }

        return rows;
    }

    private static double Seconds(TraceLines lines, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= SecondsMax
            ? seconds
            : throw new InvalidFormatException($"{lines.Place}: arrival_s is '{Short(text)}'; it must be seconds from 0 to {SecondsMax:G}.");

    private static double Timestamp(TraceLines lines, string text) =>
        DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? (time - DateTimeOffset.UnixEpoch).Ticks / 1e7
            : throw new InvalidFormatException($"{lines.Place}: TIMESTAMP is '{Short(text)}'; it must be as 2023-11-16 18:17:03.9799600.");

    private static int Tokens(TraceLines lines, string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) && tokens <= TokensMax
            ? tokens
            : throw new InvalidFormatException($"{lines.Place}: {name} is '{Short(text)}'; it must be a whole number up to {TokensMax}.");

    private static string Client(TraceLines lines, string text) =>
        text.Length is > 0 and <= ClientMax && !text.Any(char.IsControl)
            ? text
            : throw new InvalidFormatException($"{lines.Place}: client is '{Short(text)}'; it must have 1…{ClientMax} characters.");

    private static string Short(string text)
    {
        var clean = new string([.. text.Take(40).Select(unit => char.IsControl(unit) || char.IsSurrogate(unit) ? '?' : unit)]);
        return text.Length > 40 ? clean + "…" : clean;
    }
}
