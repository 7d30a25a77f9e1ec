using System.Text.Json;
using System.Text.Json.Serialization;
using Rubato.Core;

namespace Rubato.LearningRates.Comparison;

/// <summary>The log of an experiment: one JSON document a line, first its settings, then one record a finished run.</summary>
/// <remarks>A run that was killed leaves at most one incomplete line at the end, which <see cref="Read"/> passes over.</remarks>
public sealed record ComparisonLog
{
    private const int Version = 1;
    private const string Remedy = "delete that line (its run is then made again), or give another --out folder.";
    private const string RemedyOfHead = "give another --out folder, or delete the file to make all runs again.";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>What was asked for.</summary>
    public required ExperimentSettings Settings { get; init; }

    /// <summary>The finished runs in the order in which they ended.</summary>
    public required IReadOnlyList<CellRecord> Records { get; init; }

    /// <summary>How many characters of the text belong to whole lines: whoever goes on writing begins here.</summary>
    public required int WholeLength { get; init; }

    /// <summary>The first line of a log, with its line end.</summary>
    public static string Head(ExperimentSettings settings) => JsonSerializer.Serialize(new HeadLine(Version, settings), Options) + "\n";

    /// <summary>The line of a record, with its line end.</summary>
    public static string Line(CellRecord record) => JsonSerializer.Serialize(record, Options) + "\n";

    /// <summary>Reads a log; null when not even its first line is whole.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="InvalidFormatException">A whole line is not what it should be, or a run stands there twice; the message names file and line.</exception>
    public static ComparisonLog? Read(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var whole = text.LastIndexOf('\n') + 1;
        if (whole == 0)
        {
            return null;
        }

        var lines = text[..whole].Split('\n')[..^1];
        var head = Parse<HeadLine>(lines[0], name, 1);
        if (head.Version != Version)
        {
            throw new InvalidFormatException($"{name}:1: has version {head.Version} of the log of comparisons; this program reads version {Version}; {RemedyOfHead}");
        }

        var seen = new HashSet<CellKey>();
        var records = new List<CellRecord>(lines.Length - 1);
        for (var i = 1; i < lines.Length; i++)
        {
            var record = Parse<CellRecord>(lines[i], name, i + 1);
            records.Add(seen.Add(record.Key) ? record : throw new InvalidFormatException($"{name}:{i + 1}: repeats a run that stands there before; {Remedy}"));
        }

        return new() { Settings = head.Settings, Records = records, WholeLength = whole };
    }

    /// <summary>Throws unless the log was made with <paramref name="settings"/>.</summary>
    /// <exception cref="InvalidOptionException">A setting differs; the message names it.</exception>
    public void RequireSame(ExperimentSettings settings, string name)
    {
        if (Settings.DifferenceTo(settings) is { } difference)
        {
            throw new InvalidOptionException($"{name}: holds another experiment ({difference}); ask for the same, or for another --out folder.");
        }
    }

    private static T Parse<T>(string line, string name, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, Options) ?? throw new InvalidFormatException($"{name}:{number}: is null; {Remedy}");
        }
        catch (JsonException e)
        {
            throw new InvalidFormatException($"{name}:{number}: is not a line of a log of comparisons ({e.Path ?? "$"} at character {e.BytePositionInLine}); {(number == 1 ? RemedyOfHead : Remedy)}", e);
        }
    }

    private sealed record HeadLine(int Version, ExperimentSettings Settings);
}
