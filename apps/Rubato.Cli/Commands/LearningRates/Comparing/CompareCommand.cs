using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary>Trains schedules with seeds under a budget in seconds, kept in two ways, and prints what came out; gives the exit code.</summary>
internal delegate int ClockComparison(double seconds, IReadOnlyList<Schedule> schedules, IReadOnlyList<ulong> seeds, bool json, CancellationToken stop);

/// <summary><c>rubato lr compare</c>: schedules against each other in real trainings.</summary>
internal static class CompareCommand
{
    private const string Clock = "clock";

    /// <summary>The verb.</summary>
    /// <param name="suites">The suites that this program runs itself.</param>
    /// <param name="forward">Runs the whole command line elsewhere when the suite lives there, else gives null.</param>
    /// <param name="clocks">Runs the ablation of clocks, where this program can.</param>
    public static VerbCommand Create(IReadOnlyList<IComparisonSuite> suites, Func<string, int?> forward, ClockComparison? clocks = null)
    {
        var options = new CompareOptions(suites);
        var schedules = new Option<string[]>("--schedules")
        {
            Description = "Schedules to compare: several words, or one with semicolons, since commas are part of schedules; all; also refined (from the norms of the linear run), plateau and schedule-free.",
            HelpName = "LIST",
            AllowMultipleArgumentsPerToken = true,
        };
        var ablation = new Option<string?>("--ablation") { Description = "sampling: compare profiles at several sampling rates instead. clock (suite lm): a budget in seconds kept by a clock, and by a number of updates estimated at the start.", HelpName = "NAME" };
        _ = ablation.AcceptOnlyFromAmong("sampling", Clock);
        var seconds = new Option<double>("--seconds") { Description = "Budget of --ablation clock.", HelpName = "S", DefaultValueFactory = _ => 20 };
        var command = new VerbCommand(
            "compare",
            "Compare schedules by real trainings at several budgets; each schedule has its own base rate at each budget. --out DIR keeps a log there and goes on where an earlier run ended.",
            "rubato lr compare --suite convex --out comparison",
            "rubato lr compare --suite convex --tasks glass,vehicle --budgets 5%,100% --schedules \"rex; linear; uba(phi=5)\" --seeds 2",
            "rubato lr compare --suite convex --tasks synthetic --budgets 1% --rates coarse --seeds 1 --schedules linear constant --json")
        { options.Suite, options.Tasks, options.Budgets, schedules, ablation, seconds, options.Seeds, options.Rates };
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                if (forward(parsed.GetRequiredValue(options.Suite)) is { } code)
                {
                    return code;
                }

                if (parsed.GetValue(ablation) == Clock)
                {
                    return CompareClocks(parsed, options, clocks, parsed.GetValue(seconds), parsed.GetValue(schedules) ?? [], stop);
                }

                var contestants = ScheduleSets.Parse(parsed.GetValue(schedules) ?? [], parsed.GetValue(ablation));
                var comparison = options.Bind(parsed, contestants, CompareOptions.Shares(parsed.GetRequiredValue(options.Budgets), "--budgets"));
                var summary = ComparisonRun.Complete(comparison, parsed.GetValue(GlobalOptions.Out), stop);
                if (parsed.GetValue(GlobalOptions.Json))
                {
                    Console.Out.WriteLine(ComparisonRun.ToJson(summary));
                    return ExitCode.Done;
                }

                ComparisonTables.Print(Console.Out, summary);
                if (parsed.GetValue(ablation) is not null)
                {
                    Console.Out.WriteLine();
                    summary.Rankings.ToList().ForEach(ranking => ComparisonTables.PrintSampling(Console.Out, summary, ranking));
                }

                return ExitCode.Done;
            },
            stop));
        return command;
    }

    private static int CompareClocks(ParseResult parsed, CompareOptions options, ClockComparison? clocks, double seconds, string[] words, CancellationToken stop)
    {
        if (clocks is null || parsed.GetRequiredValue(options.Suite) != "lm")
        {
            throw new InvalidOptionException($"--ablation {Clock}: needs --suite lm.");
        }

        if (seconds is not (>= 1 and <= 3600))
        {
            throw new InvalidOptionException(FormattableString.Invariant($"--seconds {seconds}: must be 1 … 3600."));
        }

        var texts = words.Length == 0 ? ["rex | warmup(5%)"] : words.SelectMany(word => word.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return clocks(seconds, [.. texts.Select(LrInput.Parse)], options.SeedsOf(parsed), parsed.GetValue(GlobalOptions.Json), stop);
    }
}
