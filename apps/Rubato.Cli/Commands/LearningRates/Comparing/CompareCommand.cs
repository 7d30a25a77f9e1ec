using System.CommandLine;
using Rubato.Cli.CommandLine;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary><c>rubato lr compare</c>: schedules against each other in real trainings.</summary>
internal static class CompareCommand
{
    /// <summary>The verb.</summary>
    /// <param name="suites">The suites that this program runs itself.</param>
    /// <param name="forward">Runs the whole command line elsewhere when the suite lives there, else gives null.</param>
    public static VerbCommand Create(IReadOnlyList<IComparisonSuite> suites, Func<string, int?> forward)
    {
        var options = new CompareOptions(suites);
        var schedules = new Option<string[]>("--schedules")
        {
            Description = "Schedules to compare: several words, or one with semicolons, since commas are part of schedules; all; also refined (from the norms of the linear run), plateau and schedule-free.",
            HelpName = "LIST",
            AllowMultipleArgumentsPerToken = true,
        };
        var ablation = new Option<string?>("--ablation") { Description = "sampling: compare profiles at several sampling rates instead.", HelpName = "NAME" };
        _ = ablation.AcceptOnlyFromAmong("sampling");
        var command = new VerbCommand(
            "compare",
            "Compare schedules by real trainings at several budgets; each schedule has its own base rate at each budget. --out DIR keeps a log there and goes on where an earlier run ended.",
            "rubato lr compare --suite convex --out comparison",
            "rubato lr compare --suite convex --tasks glass,vehicle --budgets 5%,100% --schedules \"rex; linear; uba(phi=5)\" --seeds 2",
            "rubato lr compare --suite convex --tasks synthetic --budgets 1% --rates coarse --seeds 1 --schedules linear constant --json")
        { options.Suite, options.Tasks, options.Budgets, schedules, ablation, options.Seeds, options.Rates };
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                if (forward(parsed.GetRequiredValue(options.Suite)) is { } code)
                {
                    return code;
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
                    summary.Rankings.ToList().ForEach(ranking => ComparisonTables.PrintSampling(Console.Out, ranking));
                }

                return ExitCode.Done;
            },
            stop));
        return command;
    }
}
