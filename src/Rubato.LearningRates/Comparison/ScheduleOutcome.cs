namespace Rubato.LearningRates.Comparison;

/// <summary>What a schedule reached on one task at one budget, at the best base rate of its grid.</summary>
public sealed record ScheduleOutcome
{
    /// <summary>Name of the task.</summary>
    public required string Task { get; init; }

    /// <summary>Name of the schedule.</summary>
    public required string Schedule { get; init; }

    /// <summary>Share of the full budget.</summary>
    public required double Budget { get; init; }

    /// <summary>The same in updates.</summary>
    public required long Updates { get; init; }

    /// <summary>Mean training loss at the end over the seeds; +∞ when a seed diverged at every rate.</summary>
    public required double Loss { get; init; }

    /// <summary>Standard deviation of the loss over the seeds (n − 1); null for one seed or a diverged one.</summary>
    public required double? Deviation { get; init; }

    /// <summary>Number of seeds.</summary>
    public required int Seeds { get; init; }

    /// <summary>Mean of the measure on unseen data.</summary>
    public double? Metric { get; init; }

    /// <summary>Its standard deviation over the seeds.</summary>
    public double? MetricDeviation { get; init; }

    /// <summary>The chosen base rate.</summary>
    public required double BaseRate { get; init; }

    /// <summary>Whether that is an end of the grid: a better rate may lie outside.</summary>
    public required bool OnGridEdge { get; init; }

    /// <summary>How many of the runs at all rates and seeds diverged.</summary>
    public required int DivergedRuns { get; init; }

    /// <summary>How many there were.</summary>
    public required int Runs { get; init; }

    /// <summary>Rank among the schedules of the same task and budget, 1 the best, average ranks for equals.</summary>
    public required double Rank { get; init; }

    /// <summary>Whether the cell is left out of the rankings, because the best loss in it is 0 to rounding.</summary>
    public required bool LeftOut { get; init; }

    /// <summary>What the reader should know, such as what took the place of a degenerate refinement.</summary>
    public string? Note { get; init; }
}
