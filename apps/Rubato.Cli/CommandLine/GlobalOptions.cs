using System.CommandLine;

namespace Rubato.Cli.CommandLine;

/// <summary>The options that every verb understands.</summary>
internal static class GlobalOptions
{
    public static Option<bool> Json { get; } = new("--json") { Description = "Print one JSON document on standard output and nothing else there.", Recursive = true };

    public static Option<ulong> Seed { get; } = new("--seed") { Description = "Seed of everything random.", HelpName = "N", DefaultValueFactory = _ => 1, Recursive = true };

    public static Option<string?> Out { get; } = new("--out") { Description = "Also write the result to this file; into this folder for lr compare and lr pilot.", HelpName = "PATH", Recursive = true };

    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Print more on standard error, stack traces of failures included.", Recursive = true };

    public static void AddTo(Command root)
    {
        root.Options.Add(Json);
        root.Options.Add(Seed);
        root.Options.Add(Out);
        root.Options.Add(Verbose);
    }
}
