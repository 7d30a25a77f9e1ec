using Rubato.Cli.CommandLine;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Schedules;
using Rubato.LearningRates.Scoring;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary><c>rubato lr rank</c>: all built-in schedules by their bounds.</summary>
internal static class RankCommand
{
    private static readonly string[] BuiltIn =
    [
        "constant", "linear", "cosine", "polynomial(power=0.9)", "polynomial(power=2)", "exponential", "step(50-75)", "step(30-60-90)",
        "delayed-linear(25%)", "delayed-linear(50%)", "delayed-linear(75%)", "inverse-sqrt", "inverse-time",
        "rex", "rex(beta=0.9)", "uba(phi=0.25)", "uba", "uba(phi=2)", "uba(phi=5)", "wsd", "wsd(cooldown=linear)", "onecycle", "triangular", "sgdr",
    ];

    public static VerbCommand Create()
    {
        var steps = LrInput.Steps("Updates in the budget.");
        steps.Required = true;
        var norms = LrInput.Norms("Gradient norms of an earlier run; 1 throughout when not given. With them, the refined schedule takes part.");
        var command = new VerbCommand(
            "rank",
            "Rank all built-in schedules by their bounds for convex problems, before any training.",
            "rubato lr rank --steps 1000",
            "rubato lr rank --steps 1000 --norms norms.csv --json")
        { steps, norms };
        command.SetAction(parsed =>
        {
            var budget = parsed.GetRequiredValue(steps)!.Value;
            var measured = parsed.GetValue(norms) is { } path ? LrInput.ReadNorms(path).For(OptimizerKind.Sgd) : [];
            var candidates = BuiltIn.Select(text => (Name: text, Schedule: Schedule.Parse(text)));
            if (measured.Length > 0)
            {
                candidates = candidates.Append(("refined", Refined(measured)));
            }

            RankRow[] rows =
            [
                .. candidates.Select(candidate => (candidate.Name, Score: ScheduleScorer.Score(candidate.Schedule.Bind(budget).Curve(), measured)))
                    .OrderBy(entry => entry.Score.Bound)
                    .Select((entry, i) => new RankRow(i + 1, entry.Name, entry.Score.Bound, entry.Score.BoundTimesSqrtT, entry.Score.BestRate)),
            ];
            ResultOutput.Write(parsed, new RankResult(budget, rows), output => Print(output, rows));
            return ExitCode.Done;
        });
        return command;
    }

    private static Schedule Refined(double[] norms) => new(ScheduleRefiner.Refine(norms, new()).Profile);

    private static void Print(TextWriter output, RankRow[] rows)
    {
        output.WriteLine($"{"rank",4}  {"schedule",-24} {"bound x sqrt T",14} {"best peak rate",14}");
        foreach (var row in rows)
        {
            output.WriteLine($"{row.Rank,4}  {row.Schedule,-24} {row.BoundTimesSqrtT,14:F4} {row.BestRate,14:G4}");
        }
    }

    /// <summary>What --json prints.</summary>
    private sealed record RankResult(long Steps, IReadOnlyList<RankRow> Ranking);

    /// <summary>One schedule.</summary>
    private sealed record RankRow(int Rank, string Schedule, double Bound, double BoundTimesSqrtT, double BestRate);
}
