using System.Globalization;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Comparison;

/// <summary>Refines a schedule for one task and budget: norms of the linear run at linear's best base rate, first seed.</summary>
internal sealed class LinearRefinement(IComparisonTask task, ExperimentSettings settings, double budget)
{
    /// <summary>The refined schedule (or what takes its place) and what to say about it.</summary>
    public (Schedule Schedule, string Note) Refine(IReadOnlyDictionary<CellKey, CellRecord> records, CancellationToken stop)
    {
        var linear = Contestant.Linear;
        var best = RateChoice.Best(settings.Cells(task.Description, linear.Name, budget).Select(key => records[key]));
        var updates = task.Description.Updates(budget);
        if (!double.IsFinite(best.Loss) || updates < ScheduleRefiner.FewestNorms)
        {
            return (linear.Schedule, best.Diverged == best.Runs ? "linear diverged at every rate: linear" : "no norms to refine: linear");
        }

        // The same cell trained again: the same run, this time with its norms.
        var norms = task.Train(linear.Cell(linear.Schedule, updates, best.BaseRate, settings.Seeds[0]) with { RecordNorms = true }, stop).Norms;
        if (norms is null || Usable(norms.For(task.Description.Optimizer)) < ScheduleRefiner.FewestNorms)
        {
            return (linear.Schedule, "no norms to refine: linear");
        }

        var refined = ScheduleRefiner.Refine(norms, new() { Optimizer = task.Description.Optimizer });
        var schedule = new Schedule(refined.Profile);
        return (schedule, refined.Degenerate
            ? $"degenerate: {schedule}"
            : string.Create(CultureInfo.InvariantCulture, $"refined at {best.BaseRate:G4}: peak at {100 * refined.Warmup:F0} %, then power {refined.Exponent ?? double.NaN:F2}"));
    }

    private static int Usable(double[] norms) => norms.Any(norm => norm > 0 && double.IsFinite(norm)) ? norms.Count(double.IsFinite) : 0;
}
