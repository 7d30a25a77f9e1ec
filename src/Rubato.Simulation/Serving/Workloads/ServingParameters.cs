using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Everything that defines one simulated serving run; with the seed it repeats the run to the last bit.</summary>
public sealed record ServingParameters
{
    /// <summary>Limits of the scheduler.</summary>
    public SchedulerOptions Scheduler { get; init; } = new();

    /// <summary>Name of the queue policy.</summary>
    public string QueuePolicy { get; init; } = SchedulerPolicies.Default.Queue.Name;

    /// <summary>Name of the preemption policy.</summary>
    public string PreemptionPolicy { get; init; } = SchedulerPolicies.Default.Preemption.Name;

    /// <summary>Who asks for what, and when.</summary>
    public WorkloadParameters Workload { get; init; } = new();

    /// <summary>What a step costs.</summary>
    public LinearCostModel Cost { get; init; } = new();

    /// <summary>What goes wrong.</summary>
    public FaultParameters Faults { get; init; } = new();
}
