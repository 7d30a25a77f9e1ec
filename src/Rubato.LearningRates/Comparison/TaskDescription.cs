using Rubato.Core;
using Rubato.LearningRates.Refinement;

namespace Rubato.LearningRates.Comparison;

/// <summary>What identifies a task: two runs may be continued or put side by side only where all of it is equal.</summary>
public sealed record TaskDescription
{
    /// <summary>A name that no other task of the suite has, such as <c>glass/sgd</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The family of the optimizer, which decides how schedules are refined.</summary>
    public required OptimizerKind Optimizer { get; init; }

    /// <summary>Rankings are made for each group of tasks apart; <c>sgd</c> or <c>adam</c> by the optimizer when not set.</summary>
    public string Group
    {
        get => field ?? (Optimizer == OptimizerKind.Adam ? "adam" : "sgd");
        init;
    }

    /// <summary>The budget that the problem is usually given, in updates; at least 1.</summary>
    public required long FullBudget { get; init; }

    /// <summary>Base learning rates, ascending: the grid that every schedule is tuned on at every budget.</summary>
    public required double[] BaseRates { get; init; }

    /// <summary>Everything else that changes results, in words: data and their hash, model, batch, constants of the optimizer.</summary>
    public required string Settings { get; init; }

    /// <summary>What <see cref="CellResult.Metric"/> is, such as <c>test error</c>; null when there is none. Lower is better.</summary>
    public string? Metric { get; init; }

    /// <summary>Whether the task can train with the schedule-free method; where it cannot, that method takes no part in its ranking.</summary>
    public bool SupportsScheduleFree { get; init; }

    /// <summary>The updates of <paramref name="share"/> of the full budget: rounded, at least 1.</summary>
    public long Updates(double share) => Math.Max(1, (long)Math.Round(share * FullBudget));

    /// <summary>Whether the contestant of this name takes part.</summary>
    internal bool Admits(string schedule) => SupportsScheduleFree || schedule != Contestant.ScheduleFreeName;

    /// <summary>Throws when the description makes no sense.</summary>
    internal void Validate()
    {
        var ascending = BaseRates.Length > 0 && BaseRates[0] > 0 && double.IsFinite(BaseRates[^1]);
        for (var i = 1; i < BaseRates.Length; i++)
        {
            ascending &= BaseRates[i] > BaseRates[i - 1];
        }

        if (FullBudget < 1 || !ascending)
        {
            throw new InvalidOptionException($"task {Name}: needs a full budget of at least 1 update and ascending base rates above 0.");
        }
    }
}
