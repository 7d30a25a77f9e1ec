using Rubato.Core;
using Rubato.Serving;
using Rubato.Simulation.Serving.Links;

namespace Rubato.Simulation.Serving;

/// <summary>What a simulated world is put together from.</summary>
internal sealed record WorldParts
{
    public required IScheduler Scheduler { get; init; }

    public required IWorkload Workload { get; init; }

    public required ICostModel Cost { get; init; }

    /// <summary>The scripts of all requests so far; filled by the world.</summary>
    public Dictionary<RequestId, RequestScript> Scripts { get; init; } = [];

    public IReadOnlyList<ServingObserver> Observers { get; init; } = [];

    public FaultParameters Faults { get; init; } = new();

    /// <summary>Randomness of the faults.</summary>
    public required Prng Prng { get; init; }

    public VirtualClock Clock { get; init; } = new();

    /// <summary>Moves blocks, on the same clock; null where no plan orders transfers.</summary>
    public SimulatedLink? Link { get; init; }

    /// <summary>β: by how much of itself a step is longer while copies run beside it.</summary>
    public double CopySlowdown { get; init; }

    /// <summary>Whether the scripts of requests that have ended may be forgotten; checkers want them all.</summary>
    public bool ForgetEnded { get; init; }
}
