using Rubato.Simulation.Serving.Profiles;

namespace Rubato.Simulation.Serving.Studies;

/// <summary>What a study measured. Times are in simulated seconds.</summary>
public sealed record ServingStudyResult
{
    /// <summary>The machine and the model, with the sources of its numbers.</summary>
    public required ServingProfile Profile { get; init; }

    /// <summary>The system.</summary>
    public required string Policy { get; init; }

    /// <summary>By which rules it ran.</summary>
    public required StudyRules Rules { get; init; }

    /// <summary>The service policy.</summary>
    public required string FairnessPolicy { get; init; }

    /// <summary>How priorities were laid down.</summary>
    public required PriorityPattern Priorities { get; init; }

    /// <summary>What was served, in a line.</summary>
    public required string Workload { get; init; }

    /// <summary>Repeats the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Requests offered.</summary>
    public required long Requests { get; init; }

    /// <summary>Requests refused.</summary>
    public required long Refused { get; init; }

    /// <summary>Length of the run.</summary>
    public required double Seconds { get; init; }

    /// <summary>Steps with work.</summary>
    public required long Steps { get; init; }

    /// <summary>Tokens generated.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>Prompt tokens computed.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Prompt tokens that were there already: said in earlier turns.</summary>
    public required long CachedPromptTokens { get; init; }

    /// <summary>Tokens computed again after a preemption.</summary>
    public required long RecomputedTokens { get; init; }

    /// <summary>Generated tokens per second of the run.</summary>
    public required double ThroughputTokensPerSecond { get; init; }

    /// <summary>Time to the first token of a turn, from its arrival.</summary>
    public LatencySummary? Ttft { get; init; }

    /// <summary>Time between tokens, as their reader sees it.</summary>
    public LatencySummary? Tbt { get; init; }

    /// <summary>Time between tokens of a request in consecutive steps: waiting by priority is left out, waiting for copies is not.</summary>
    public LatencySummary? TbtScheduled { get; init; }

    /// <summary>Share of the run in which requests lived and nothing ran, for all waited for copies.</summary>
    public required double StalledShare { get; init; }

    /// <summary>Blocks that were moved out of the device.</summary>
    public required long BlocksOut { get; init; }

    /// <summary>Blocks that were moved into the device.</summary>
    public required long BlocksIn { get; init; }

    /// <summary>Blocks per copy call and plane.</summary>
    public required double MeanRunBlocks { get; init; }

    /// <summary>Times that a sequence had to leave the device.</summary>
    public required long Preemptions { get; init; }

    /// <summary>Transfers that failed.</summary>
    public required long FailedTransfers { get; init; }

    /// <summary>How fairly clients were served.</summary>
    public StudyFairness? Fairness { get; init; }

    /// <summary>SHA-256 over the events of the run: the same on every machine.</summary>
    public required string EventHash { get; init; }
}
