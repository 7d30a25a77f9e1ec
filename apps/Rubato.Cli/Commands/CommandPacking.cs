using Rubato.Inference.Packing;

namespace Rubato.Cli.Commands;

/// <summary>How verbs open models: packed, with what the user should know on standard error.</summary>
internal static class CommandPacking
{
    /// <summary>Packing with a number of threads.</summary>
    public static PackingOptions For(int? threads) => PackingOptions.Default with { Threads = threads, Notice = line => Console.Error.WriteLine($"rubato: {line}") };
}
