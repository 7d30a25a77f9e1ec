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

    /// <summary>Times that a sequence came back from the swap arena.</summary>
    public long Resumes { get; init; }

    /// <summary>Blocks ordered out of the device.</summary>
    public long BlocksOut { get; init; }

    /// <summary>Blocks ordered into the device.</summary>
    public long BlocksIn { get; init; }

    /// <summary>Consecutive runs among the blocks that were ordered out and in: one copy call each, per plane.</summary>
    public long TransferRuns { get; init; }

    /// <summary>Transfers that failed.</summary>
    public long FailedTransfers { get; init; }

    /// <summary>Sequences whose blocks could not be brought in and that are computed again.</summary>
    public long LostSwapIns { get; init; }

    /// <summary>Copies out that were called off because their sequence was selected again.</summary>
    public long UndoneSwaps { get; init; }

    /// <summary>Blocks that were handed out while a transfer still read them: their taker waited for it.</summary>
    public long TransferConflicts { get; init; }

    /// <summary>Swap copies that were given up although their sequence lives, for their blocks are on the device too.</summary>
    public long ContaminatedBlocks { get; init; }

    /// <summary>Switches for which the next step waited.</summary>
    public long WaitedSwitches { get; init; }

    /// <summary>Switches beside which steps went on.</summary>
    public long OverlappedSwitches { get; init; }

    /// <summary>Time in which requests lived, no step ran, and the scheduler waited for transfers, in nanoseconds.</summary>
    public long StalledNanoseconds { get; init; }

    /// <summary>Tokens emitted.</summary>
    public long OutputTokens { get; init; }
}
