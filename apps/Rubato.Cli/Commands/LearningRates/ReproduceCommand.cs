using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Cli.Commands.LearningRates.Comparing;
using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.Reproduction;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary><c>rubato reproduce</c>: what a publication claims beside what we measure, with an honest verdict.</summary>
internal static class ReproduceCommand
{
    private const int StandardSeeds = 2;

    private static readonly double[] Budgets = [0.01, 0.05, 0.1, 0.25, 0.5, 1];

    public static VerbCommand Create() => new(
        "reproduce",
        "Put what a publication claims beside what is measured here, with provenance and verdict.",
        "rubato reproduce rex",
        "rubato reproduce refinement --results comparison")
    {
        Create("rex", PaperSystem.Rex, "REX: Revisiting Budgeted Training with an Improved Schedule (MLSys 2022)"),
        Create("uba", PaperSystem.Uba, "Stepsize anything: A unified learning rate schedule for budgeted-iteration training (NeurIPS 2025)"),
        Create("refinement", PaperSystem.Refinement, "When, Why and How Much? Adaptive Learning Rate Scheduling by Refinement (arXiv 2310.07831)"),
    };

    private static VerbCommand Create(string name, PaperSystem system, string title)
    {
        var results = new Option<string?>("--results") { Description = "Take the comparison from this folder of 'rubato lr compare' instead of running one.", HelpName = "DIR" };
        var seeds = new Option<int>("--seeds") { Description = "Seeds of the comparison.", HelpName = "K", DefaultValueFactory = _ => StandardSeeds };
        var rates = new Option<string>("--rates") { Description = "Base rates of the comparison: full, coarse, or numbers.", HelpName = "GRID", DefaultValueFactory = _ => "coarse" };
        var command = new VerbCommand(name, title + ".", $"rubato reproduce {name}", $"rubato reproduce {name} --seeds 5 --rates full --json") { results, seeds, rates };
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var checks = ExactChecks.Run(system);
                var (log, made, leftOut) = parsed.GetValue(results) is { } folder
                    ? (ResultFolder.Read(folder), $"the comparison in {folder}", Array.Empty<string>())
                    : Train(system, parsed.GetValue(seeds), RateGrid.Parse(parsed.GetValue(rates)), parsed.GetValue(GlobalOptions.Seed), stop);
                var result = new ReproduceResult(name, title, made, leftOut, Judge.Verdicts(system, checks, log), checks);
                ResultOutput.Write(parsed, result, output => Print(output, result));
                return checks.All(check => check.Passed) ? ExitCode.Done : ExitCode.Failed;
            },
            stop));
        return command;
    }

    private static (ComparisonLog Log, string Made, string[] LeftOut) Train(PaperSystem system, int seeds, RateGrid grid, ulong seed, CancellationToken stop)
    {
        var real = ConvexSuite.HasData();
        string[] optimizers = system == PaperSystem.Refinement ? ["sgd", "adam"] : ["sgdm", "adam"];
        string[] data = real ? ConvexSuite.Standard : ["synthetic"];
        var tasks = new ConvexSuite().Tasks(new([.. data.SelectMany(name => optimizers.Select(optimizer => $"{name}/{optimizer}"))], grid, seed));
        var contestants = Judge.Schedules(system).Select(text => Contestant.Parse(text)).ToArray();
        var comparison = new ScheduleComparison("convex", tasks, contestants, Budgets, [.. Enumerable.Range(0, seeds).Select(i => unchecked(seed + (ulong)i))]);
        var records = ComparisonRun.Train(comparison, null, stop);
        return (
            new() { Settings = comparison.Settings, Records = records, WholeLength = 0 },
            $"softmax regression on {string.Join(", ", comparison.Settings.Tasks.Select(task => task.Name.Split('/')[0]).Distinct())} with {string.Join(" and ", optimizers)}, {seeds} seeds, {records.Count:N0} runs",
            real ? [] : ["real data sets: 'rubato lr data get convex' fetches them; built-in synthetic ones took their place"]);
    }

    private static void Print(TextWriter output, ReproduceResult result)
    {
        output.WriteLine(result.Title);
        output.WriteLine($"measured: {result.Measured}");
        foreach (var leftOut in result.LeftOut)
        {
            output.WriteLine($"left out: {leftOut}");
        }

        foreach (var verdict in result.Claims)
        {
            output.WriteLine();
            output.WriteLine($"claim: {verdict.Claim.Text}");
            output.WriteLine($"  read in {(verdict.Claim.Provenance == ClaimProvenance.Paper ? "the paper" : "public code")}: {verdict.Claim.Source}");
            foreach (var line in verdict.Ours)
            {
                output.WriteLine($"  ours: {line}");
            }

            output.WriteLine($"  verdict: {Words(verdict.Verdict)} ({verdict.Reason})");
        }

        output.WriteLine();
        output.WriteLine("exact checks (ours)");
        foreach (var check in result.Checks)
        {
            output.WriteLine(FormattableString.Invariant($"  {(check.Passed ? "holds" : "FAILS"),-6} {check.Name}: {check.Measured:G3}, at most {check.Bound:G3}"));
        }
    }

    private static string Words(Verdict verdict) => verdict switch
    {
        Verdict.Reproduces => "reproduces",
        Verdict.InPart => "reproduces in part",
        Verdict.DoesNotReproduce => "does not reproduce",
        _ => "cannot be tested here",
    };

    /// <summary>What --json prints.</summary>
    private sealed record ReproduceResult(
        string System, string Title, string Measured, IReadOnlyList<string> LeftOut, IReadOnlyList<ClaimVerdict> Claims, IReadOnlyList<ExactCheck> Checks);
}
