namespace Rubato.LearningRates.Comparison;

/// <summary>One finished training run, as the log keeps it.</summary>
public sealed record CellRecord
{
    /// <summary>Name of the task.</summary>
    public required string Task { get; init; }

    /// <summary>Name of the contestant.</summary>
    public required string Schedule { get; init; }

    /// <summary>Share of the full budget, above 0, at most 1.</summary>
    public required double Budget { get; init; }

    /// <summary>Updates made.</summary>
    public required long Updates { get; init; }

    /// <summary>The base rate.</summary>
    public required double BaseRate { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Training loss at the end; +∞ when diverged.</summary>
    public required double Loss { get; init; }

    /// <summary>Whether the run diverged.</summary>
    public bool Diverged { get; init; }

    /// <summary>The measure on unseen data, if the task has one.</summary>
    public double? Metric { get; init; }

    /// <summary>What the reader should know, such as that a refinement was degenerate and what took its place.</summary>
    public string? Note { get; init; }

    /// <summary>What tells this run from all others of the experiment.</summary>
    internal CellKey Key => new(Task, Schedule, Budget, BaseRate, Seed);
}

/// <summary>The identity of a run within an experiment.</summary>
internal readonly record struct CellKey(string Task, string Schedule, double Budget, double BaseRate, ulong Seed);
