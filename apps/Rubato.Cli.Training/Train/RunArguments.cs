using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Files;

namespace Rubato.Cli.Training.Train;

/// <summary>The words that a run was started with, kept in its folder so that <c>--resume</c> needs nothing but the folder.</summary>
internal static class RunArguments
{
    private const string FileName = "run.json";

    public static void Save(string folder, IReadOnlyList<string> args) =>
        AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, args));

    public static string[] Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<string[]>(File.ReadAllText(path)) ?? throw new InvalidFormatException($"{path}: is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new RubatoException(
                $"--resume: {path} cannot be read ({e.Message.ReplaceLineEndings(" ")}); give the folder of an earlier run.", e);
        }
    }
}
