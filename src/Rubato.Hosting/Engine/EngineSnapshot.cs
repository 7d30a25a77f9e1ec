using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Hosting.Engine;

/// <summary>The state of the engine after one of its steps; immutable.</summary>
public sealed record EngineSnapshot
{
    /// <summary>When it was taken, on the engine's clock.</summary>
    public required Instant At { get; init; }

    /// <summary>Steps planned so far, empty ones left out.</summary>
    public required long Steps { get; init; }

    /// <summary>Sequences that hold KV blocks.</summary>
    public required int Running { get; init; }

    /// <summary>Sequences that wait for KV blocks.</summary>
    public required int Waiting { get; init; }

    /// <summary>KV blocks held.</summary>
    public required int UsedBlocks { get; init; }

    /// <summary>KV blocks in the pool.</summary>
    public required int TotalBlocks { get; init; }

    /// <summary>KV blocks that nobody holds and whose content can still be used.</summary>
    public int CachedBlocks { get; init; }

    /// <summary>Preemptions so far.</summary>
    public required long Preemptions { get; init; }

    /// <summary>Prompt tokens looked up in the prefix cache so far.</summary>
    public long PrefixQueryTokens { get; init; }

    /// <summary>Those of them that were found.</summary>
    public long PrefixHitTokens { get; init; }

    /// <summary>The scheduler at that moment: its memory, its switches, its counts.</summary>
    public required SchedulerSnapshot Scheduler { get; init; }

    /// <summary>What the engine does.</summary>
    public required EngineState State { get; init; }
}

/// <summary>What the engine does.</summary>
public enum EngineState
{
    /// <summary>It takes requests.</summary>
    Running,

    /// <summary>It finishes what it has and takes nothing new.</summary>
    Draining,

    /// <summary>It has ended.</summary>
    Stopped,

    /// <summary>A programmer error ended it; see the log.</summary>
    Faulted,
}
