using Rubato.Cli.CommandLine;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Scoring;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary><c>rubato lr score</c>: a bound for one schedule before any training.</summary>
internal static class ScoreCommand
{
    public static VerbCommand Create()
    {
        var schedule = LrInput.Schedule();
        var steps = LrInput.Steps();
        var norms = LrInput.Norms("Gradient norms of an earlier run; 1 throughout when not given.");
        var command = new VerbCommand(
            "score",
            "Bound the final loss of a schedule for convex problems, at its best peak rate (distance 1, gradient norm 1).",
            "rubato lr score rex --steps 1000",
            "rubato lr score \"linear | warmup(5%)\" --steps 1000 --norms norms.csv --json")
        { schedule, steps, norms };
        command.SetAction(parsed =>
        {
            var bound = LrInput.Bind(LrInput.Parse(parsed.GetRequiredValue(schedule)), parsed.GetValue(steps));
            var score = ScheduleScorer.Score(bound.Curve(), parsed.GetValue(norms) is { } path ? LrInput.ReadNorms(path).For(OptimizerKind.Sgd) : []);
            ResultOutput.Write(parsed, score, output =>
            {
                output.WriteLine($"bound          {score.Bound:G6}");
                output.WriteLine($"bound x sqrt T {score.BoundTimesSqrtT:G6}");
                output.WriteLine($"best peak rate {score.BestRate:G6}");
            });
            return ExitCode.Done;
        });
        return command;
    }
}
