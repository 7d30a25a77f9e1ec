using System.Collections.Immutable;

namespace Rubato.Serving.Transfers;

/// <summary>Blocks to move between the device arena and the swap arena, beside or before the steps that run.</summary>
/// <remarks>
/// Ordered by a <see cref="StepPlan"/>, reported to the scheduler by <see cref="IScheduler.TransferEnded"/>, exactly once each. Until then the
/// sources are not written, and the destinations neither read nor written, by anybody else.
/// </remarks>
public sealed record TransferOrder
{
    /// <summary>Its name: increasing, never used twice by one scheduler.</summary>
    public required long Ticket { get; init; }

    /// <summary>Which way.</summary>
    public required TransferDirection Direction { get; init; }

    /// <summary>Before which others it goes.</summary>
    public required TransferLane Lane { get; init; }

    /// <summary>The request that it is for; null when it is for nobody in particular.</summary>
    public RequestId? Request { get; init; }

    /// <summary>The copies, each of one or more blocks; at least one.</summary>
    public required ImmutableArray<CopyRun> Runs { get; init; }

    /// <summary>
    /// Tickets of transfers that must have ended, in whatever way, before this one starts: they read what this one overwrites.
    /// </summary>
    public ImmutableArray<long> After { get; init; } = [];

    /// <summary>Blocks over all runs.</summary>
    public int Blocks => Runs.Sum(run => run.Count);
}
