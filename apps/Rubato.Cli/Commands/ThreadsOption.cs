using System.CommandLine;
using Rubato.Kernels.Threading;

namespace Rubato.Cli.Commands;

/// <summary>The option <c>--threads</c>, the same in every verb that computes.</summary>
internal static class ThreadsOption
{
    public static Option<int?> Create() => new("--threads")
    {
        Description = "Threads; when not given, as many as this process has processors, and as its container's CPU quota pays for, rounded down.",
        HelpName = "N",
    };

    /// <summary>What the machine offers, for a person.</summary>
    public static string Describe(AvailableProcessors available) =>
        $"{available.Processors} {(available.Processors == 1 ? "processor" : "processors")}, "
        + (available.Quota is { } quota ? FormattableString.Invariant($"CPU quota {quota:0.##}") : "no CPU quota");
}
