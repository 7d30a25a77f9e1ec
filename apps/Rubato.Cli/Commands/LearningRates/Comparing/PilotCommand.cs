using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.LearningRates.Comparison;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary><c>rubato lr pilot</c>: chooses UBA's φ by short runs.</summary>
/// <remarks>The rule is ours: a grid of φ at no more than a tenth of the budget; the lowest training loss at the end of the pilot decides; all are reported.</remarks>
internal static class PilotCommand
{
    private const double LargestPilot = 0.1;

    /// <summary>The verb; parameters as for <see cref="CompareCommand"/>.</summary>
    public static VerbCommand Create(IReadOnlyList<IComparisonSuite> suites, Func<string, int?> forward)
    {
        var options = new CompareOptions(suites);
        var pilot = new Option<string>("--pilot") { Description = "Budget of the pilot runs as a share of the full one, at most 10%.", HelpName = "SHARE", DefaultValueFactory = _ => "10%" };
        var verify = new Option<bool>("--verify") { Description = "Train all of them at the full budget too, and say how the chosen one ranks there." };
        var command = new VerbCommand(
            "pilot",
            "Choose the phi of UBA for every task by short runs at its own base rate; all are reported.",
            "rubato lr pilot --suite convex --out pilot",
            "rubato lr pilot --suite convex --tasks glass --pilot 5% --verify --seeds 2")
        { options.Suite, options.Tasks, pilot, verify, options.Seeds, options.Rates };
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                if (forward(parsed.GetRequiredValue(options.Suite)) is { } code)
                {
                    return code;
                }

                if (CompareOptions.Shares(parsed.GetRequiredValue(pilot), "--pilot") is not [<= LargestPilot and var share])
                {
                    throw new InvalidOptionException($"--pilot {parsed.GetValue(pilot)}: must be one share of at most 10%.");
                }

                double[] budgets = parsed.GetValue(verify) ? [share, 1] : [share];
                var contestants = ScheduleSets.Pilot.Select(text => Contestant.Parse(text)).ToArray();
                var summary = ComparisonRun.Complete(options.Bind(parsed, contestants, budgets), parsed.GetValue(GlobalOptions.Out), stop);
                var choices = summary.Settings.Tasks.Select(task => Choose(summary, task, share)).ToArray();
                if (parsed.GetValue(GlobalOptions.Json))
                {
                    Console.Out.WriteLine(JsonSerializer.Serialize(new { choices }, new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true }));
                }
                else
                {
                    Print(Console.Out, summary, choices, share);
                }

                return ExitCode.Done;
            },
            stop));
        return command;
    }

    private static PilotChoice Choose(ComparisonSummary summary, TaskDescription task, double share)
    {
        var pilots = summary.Outcomes.Where(outcome => outcome.Task == task.Name && outcome.Budget == share).ToArray();
        var full = summary.Outcomes.Where(outcome => outcome.Task == task.Name && outcome.Budget == 1).ToArray();
        var chosen = pilots[0];
        var last = Array.Find(full, outcome => outcome.Schedule == chosen.Schedule);
        return new(task.Name, chosen.Schedule, chosen.BaseRate, chosen.Rank > 1, last?.Rank, last is { Loss: > 0 } && double.IsFinite(last.Loss) ? last.Loss / full[0].Loss : null);
    }

    private static void Print(TextWriter output, ComparisonSummary summary, PilotChoice[] choices, double share)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"training loss after {100 * share:0.#} % of the full budget, mean of {summary.Settings.Seeds.Length} seeds, at the best base rate"));
        output.WriteLine($"  {"task",-22}{string.Concat(summary.Settings.Schedules.Select(schedule => $"{schedule,15}"))}   chosen");
        foreach (var choice in choices)
        {
            var losses = summary.Settings.Schedules.Select(schedule => summary.Outcomes.First(outcome => outcome.Task == choice.Task && outcome.Budget == share && outcome.Schedule == schedule).Loss);
            var after = choice.RankAtFullBudget is { } rank ? string.Create(CultureInfo.InvariantCulture, $"; rank {rank:0.#} at the full budget, loss {choice.LossOverBest ?? double.NaN:F3} x the best") : "";
            output.WriteLine($"  {choice.Task,-22}{string.Concat(losses.Select(loss => string.Create(CultureInfo.InvariantCulture, $"{loss,15:G6}")))}   {choice.Schedule}{(choice.Tied ? " (tied)" : "")}{after}");
        }
    }

    /// <summary>What the pilot chose for a task.</summary>
    private sealed record PilotChoice(string Task, string Schedule, double BaseRate, bool Tied, double? RankAtFullBudget, double? LossOverBest);
}
