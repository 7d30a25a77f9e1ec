using Rubato.LearningRates.Feedback;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Comparison;

/// <summary>One training run of a comparison: a schedule over its own number of updates, a base rate, a seed.</summary>
/// <param name="Schedule">The multipliers of the base rate, scaled to the budget of this run; constant under plateau decay and schedule-free.</param>
/// <param name="BaseRate">The peak learning rate, above 0.</param>
/// <param name="Seed">Decides everything random: initial weights, order of the data.</param>
public sealed record TrainingCell(StepSchedule Schedule, double BaseRate, ulong Seed)
{
    /// <summary>Updates to make.</summary>
    public long Updates => Schedule.Steps;

    /// <summary>Not null: the rate is cut when the loss stops improving. <see cref="CellRates"/> does it.</summary>
    public PlateauOptions? Plateau { get; init; }

    /// <summary>Not null: train with the schedule-free method instead of the task's optimizer, and score the averaged weights.</summary>
    public ScheduleFreeOptions? ScheduleFree { get; init; }

    /// <summary>Whether <see cref="CellResult.Norms"/> is wanted.</summary>
    public bool RecordNorms { get; init; }
}
