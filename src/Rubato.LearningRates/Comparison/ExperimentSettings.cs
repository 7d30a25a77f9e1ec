using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Comparison;

/// <summary>Everything that an experiment was asked for. With the records of its runs it says all: summaries are made from the two alone.</summary>
public sealed record ExperimentSettings
{
    /// <summary>Name of the suite.</summary>
    public required string Suite { get; init; }

    /// <summary>The tasks.</summary>
    public required TaskDescription[] Tasks { get; init; }

    /// <summary>Names of the contestants, in the order in which they were given.</summary>
    public required string[] Schedules { get; init; }

    /// <summary>Budgets as shares of the full budget, ascending.</summary>
    public required double[] Budgets { get; init; }

    /// <summary>Seeds; every run is made with each.</summary>
    public required ulong[] Seeds { get; init; }

    /// <summary>The first setting in which <paramref name="other"/> differs, in words; null when all are equal.</summary>
    public string? DifferenceTo(ExperimentSettings other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Suite != other.Suite ? $"suite {Suite}, now {other.Suite}"
            : Differ("tasks", Tasks.Select(task => task.Name), other.Tasks.Select(task => task.Name))
            ?? Differ("schedules", Schedules, other.Schedules)
            ?? Differ("budgets", Budgets.Select(Number), other.Budgets.Select(Number))
            ?? Differ("seeds", Seeds.Select(seed => $"{seed}"), other.Seeds.Select(seed => $"{seed}"))
            ?? Tasks.Zip(other.Tasks, Differ).FirstOrDefault(difference => difference is not null);
    }

    /// <summary>The training runs of one contestant on one task at one budget: rates × seeds.</summary>
    internal IEnumerable<CellKey> Cells(TaskDescription task, string schedule, double budget) =>
        task.BaseRates.SelectMany(rate => Seeds.Select(seed => new CellKey(task.Name, schedule, budget, rate, seed)));

    internal void Validate()
    {
        Array.ForEach(Tasks, task => task.Validate());
        Require(Tasks.Length > 0 && Tasks.DistinctBy(task => task.Name).Count() == Tasks.Length, "tasks", "at least one, each once");
        Require(Schedules.Length > 0 && Schedules.Distinct().Count() == Schedules.Length, "schedules", "at least one, each once");
        Require(Budgets.Length > 0 && Budgets.Distinct().Count() == Budgets.Length && Array.TrueForAll(Budgets, share => share is > 0 and <= 1), "budgets", "shares above 0% and at most 100%, each once");
        Require(Seeds.Length > 0 && Seeds.Distinct().Count() == Seeds.Length, "seeds", "at least one, each once");
    }

    private static string? Differ(TaskDescription mine, TaskDescription theirs) =>
        mine.Optimizer != theirs.Optimizer || mine.Group != theirs.Group || mine.FullBudget != theirs.FullBudget || mine.Metric != theirs.Metric || mine.SupportsScheduleFree != theirs.SupportsScheduleFree
            ? $"{mine.Name}: another optimizer, budget or metric"
        : Differ($"{mine.Name}: base rates", mine.BaseRates.Select(Number), theirs.BaseRates.Select(Number))
        ?? Differ(mine.Name, [mine.Settings], [theirs.Settings]);

    private static string? Differ(string what, IEnumerable<string> mine, IEnumerable<string> theirs)
    {
        var (before, now) = (string.Join(", ", mine), string.Join(", ", theirs));
        return before == now ? null : $"{what} {Notation.TermText.Shorten(before)}, now {Notation.TermText.Shorten(now)}";
    }

    private static string Number(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static void Require(bool holds, string what, string rule)
    {
        if (!holds)
        {
            throw new InvalidOptionException($"comparison: {what}: give {rule}.");
        }
    }
}
