using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Rubato.Models.Files;

namespace Rubato.Cli.CommandLine;

/// <summary>Where the result of a verb goes: people read text, programs read one JSON document, --out keeps a copy.</summary>
internal static class ResultOutput
{
    /// <summary>How documents are written.</summary>
    public static JsonSerializerOptions Indented { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Writes <paramref name="result"/> as the options of the command line ask.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="result">What --json and --out write.</param>
    /// <param name="text">Writes the same for a person.</param>
    public static void Write<T>(ParseResult parsed, T result, Action<TextWriter> text) =>
        WriteJson(parsed, JsonSerializer.Serialize(result, Indented), text);

    /// <summary>The JSON of a result, to be added to.</summary>
    public static JsonNode Serialize<T>(T result) => JsonSerializer.SerializeToNode(result, Indented)!;

    /// <summary>As <see cref="Write{T}"/>, for a result that has its JSON already.</summary>
    public static void WriteJson(ParseResult parsed, string json, Action<TextWriter> text)
    {
        if (parsed.GetValue(GlobalOptions.Json))
        {
            Console.Out.WriteLine(json);
        }
        else
        {
            text(Console.Out);
        }

        // Last, so that nothing is lost when the file cannot be written.
        if (parsed.GetValue(GlobalOptions.Out) is { } path)
        {
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(json + "\n")));
        }
    }
}
