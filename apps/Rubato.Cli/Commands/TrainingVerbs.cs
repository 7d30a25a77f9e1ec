using System.Diagnostics;
using Rubato.Cli.CommandLine;
using Rubato.Core;

namespace Rubato.Cli.Commands;

/// <summary>Verbs that need libtorch: they run in a program of their own, so that nothing else has to load it.</summary>
internal static class TrainingVerbs
{
    private const string Program = "rubato-training";

    public static IReadOnlyList<string> Names { get; } = ["train"];

    /// <summary>The verbs as the help of this program lists them.</summary>
    public static IEnumerable<VerbCommand> Create() =>
    [
        new("train", "Train a language model within a budget and write it as GGUF.", "rubato train --budget 10min --out model.gguf"),
    ];

    /// <summary>Runs the training program with the same arguments and gives back its exit code.</summary>
    public static async Task<int> ForwardAsync(IReadOnlyList<string> args)
    {
        using var process = new Process { StartInfo = new(FindProgram(), args) };

        // Ctrl-C goes to the whole foreground group: the training program saves a checkpoint and ends, then so do we.
        ConsoleCancelEventHandler ignore = (_, press) => press.Cancel = true;
        Console.CancelKeyPress += ignore;
        process.Start();
        await process.WaitForExitAsync().ConfigureAwait(false);
        Console.CancelKeyPress -= ignore;
        return process.ExitCode;
    }

    private static string FindProgram()
    {
        var here = AppContext.BaseDirectory;
        string[] places =
        [
            Path.Combine(here, "training", Program),
            Path.GetFullPath(Path.Combine(here, "..", "..", "Rubato.Cli.Training", "release", Program)),
        ];
        return places.FirstOrDefault(File.Exists)
            ?? throw new RubatoException($"The training program is not built: {places[^1]} does not exist. './rubato train' from the repository builds it.");
    }
}
