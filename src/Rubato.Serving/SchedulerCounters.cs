namespace Rubato.Serving;

/// <summary>Monotonic counts since a scheduler was made.</summary>
public readonly record struct SchedulerCounters
{
    /// <summary>Requests admitted.</summary>
    public long Admitted { get; init; }

    /// <summary>Requests refused.</summary>
    public long Refused { get; init; }

    /// <summary>Requests that ended at a stop token or stop string.</summary>
    public long Stopped { get; init; }

    /// <summary>Requests that ended at their limit on generated tokens.</summary>
    public long LengthLimited { get; init; }

    /// <summary>Requests that were cancelled.</summary>
    public long Cancelled { get; init; }

    /// <summary>Plans completed.</summary>
    public long Steps { get; init; }

    /// <summary>Times that a running sequence lost its blocks.</summary>
    public long Preemptions { get; init; }

    /// <summary>Prompt tokens computed for the first time.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Tokens computed again after a preemption.</summary>
    public long RecomputedTokens { get; init; }

    /// <summary>Prompt tokens that were looked up in the prefix cache, once per request; 0 when it is off.</summary>
    public long PrefixQueryTokens { get; init; }

    /// <summary>Those of them that were found, and not computed.</summary>
    public long PrefixHitTokens { get; init; }

    /// <summary>Tokens of preempted sequences that were still in the prefix cache, and not computed again.</summary>
    public long RestoredTokens { get; init; }

    /// <summary>Tokens emitted.</summary>
    public long OutputTokens { get; init; }
}
