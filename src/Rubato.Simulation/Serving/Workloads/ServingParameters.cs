using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Everything that defines one simulated serving run; with the seed it repeats the run to the last bit.</summary>
public sealed record ServingParameters
{
    /// <summary>Limits of the scheduler.</summary>
    public SchedulerOptions Scheduler { get; init; } = new();

    /// <summary>Who asks for what, and when.</summary>
    public WorkloadParameters Workload { get; init; } = new();

    /// <summary>What a step costs.</summary>
    public LinearCostModel Cost { get; init; } = new();

    /// <summary>What goes wrong.</summary>
    public FaultParameters Faults { get; init; } = new();
}
