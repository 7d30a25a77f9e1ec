using Rubato.Core;

namespace Rubato.Simulation.Serving;

/// <summary>What a simulated serving run gave. Times are in simulated seconds.</summary>
public sealed record ServingRunResult
{
    /// <summary>The seed that repeats the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The parameters, drawn or given.</summary>
    public required ServingParameters Parameters { get; init; }

    /// <summary>Whether every invariant held.</summary>
    public required bool Passed { get; init; }

    /// <summary>The broken invariant; null when passed.</summary>
    public string? Failure { get; init; }

    /// <summary>Requests offered.</summary>
    public required int Requests { get; init; }

    /// <summary>Requests refused, by reason.</summary>
    public required IReadOnlyDictionary<string, int> Refused { get; init; }

    /// <summary>Requests ended, by reason.</summary>
    public required IReadOnlyDictionary<string, int> Finished { get; init; }

    /// <summary>Steps completed.</summary>
    public required long Steps { get; init; }

    /// <summary>Times that a sequence lost its blocks.</summary>
    public required long Preemptions { get; init; }

    /// <summary>Tokens computed again after a preemption.</summary>
    public required long RecomputedTokens { get; init; }

    /// <summary>Prompt tokens computed for the first time.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Prompt tokens that the prefix cache had, and that were not computed.</summary>
    public required long CachedPromptTokens { get; init; }

    /// <summary>Tokens of preempted sequences that the prefix cache still had, and that were not computed again.</summary>
    public required long RestoredTokens { get; init; }

    /// <summary>Tokens generated.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>Length of the run.</summary>
    public required double Seconds { get; init; }

    /// <summary>Share of the time in which a step ran.</summary>
    public required double Utilisation { get; init; }

    /// <summary>Generated tokens per second.</summary>
    public required double ThroughputTokensPerSecond { get; init; }

    /// <summary>Time to first token; null when none was generated.</summary>
    public DistributionSummary? Ttft { get; init; }

    /// <summary>Time between tokens of a request; null when there is no such pair.</summary>
    public DistributionSummary? Tbt { get; init; }

    /// <summary>Time from admission to end of requests that were not cancelled; null when there is none.</summary>
    public DistributionSummary? Latency { get; init; }
}
