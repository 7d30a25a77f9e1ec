namespace Rubato.Simulation.Serving.Links;

/// <summary>How a simulated link is driven, beside what its copies cost.</summary>
public sealed record LinkOptions
{
    /// <summary>At most so many bytes go before an urgent transfer passes a bulk one; at least 1. Default 1 MiB.</summary>
    public long SliceBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Blocks that a call moves, whatever the runs are; at least 1. 1 is an engine that copies block by block; null takes the runs as they are.
    /// </summary>
    public double? AssumedRunBlocks { get; init; }

    /// <summary>Whether copies in start only after all copies out that were submitted before them have ended.</summary>
    public bool IsOneStream { get; init; }

    /// <summary>Chance out of 1,000 that a transfer fails, somewhere on its way.</summary>
    public int FailPerMille { get; init; }

    /// <summary>Chance out of 1,000 that a transfer is slow.</summary>
    public int SlowPerMille { get; init; }

    /// <summary>A slow transfer takes this many times as long.</summary>
    public int SlowFactor { get; init; } = 20;

    /// <summary>Decides which transfers fail and which are slow: by their ticket, whatever else happens.</summary>
    public ulong Seed { get; init; }
}
