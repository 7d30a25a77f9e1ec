namespace Rubato.Serving;

/// <summary>A scheduler at one moment: an immutable value that other threads may read.</summary>
public sealed record SchedulerSnapshot
{
    /// <summary>Requests that wait for blocks.</summary>
    public required int Waiting { get; init; }

    /// <summary>Requests that hold blocks.</summary>
    public required int Running { get; init; }

    /// <summary>Those of the waiting whose keys and values are in the swap arena, or on their way there.</summary>
    public int Swapped { get; init; }

    /// <summary>KV blocks that nobody holds.</summary>
    public required int FreeBlocks { get; init; }

    /// <summary>Those of the free blocks whose content the prefix cache can still find.</summary>
    public int CachedBlocks { get; init; }

    /// <summary>Entries of all block tables: a block that two sequences share counts twice.</summary>
    public long BlockReferences { get; init; }

    /// <summary>KV blocks in the pool.</summary>
    public required int TotalBlocks { get; init; }

    /// <summary>Blocks of the swap arena with a copy in them; 0 without one.</summary>
    public int SwapUsedBlocks { get; init; }

    /// <summary>Those of them that no live request needs.</summary>
    public int SwapIdleBlocks { get; init; }

    /// <summary>Blocks of the swap arena; 0 without one.</summary>
    public int SwapTotalBlocks { get; init; }

    /// <summary>Transfers that were ordered and have not ended.</summary>
    public int TransfersInFlight { get; init; }

    /// <summary>Whether a plan has not been completed yet.</summary>
    public required bool PlanOutstanding { get; init; }

    /// <summary>Whether new requests are refused.</summary>
    public required bool ShuttingDown { get; init; }

    /// <summary>What happened since the start.</summary>
    public required SchedulerCounters Counters { get; init; }
}
