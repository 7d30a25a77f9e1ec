using Rubato.Core;
using Rubato.Serving.Journal;
using Rubato.Serving.Preemption;
using Rubato.Serving.Queueing;

namespace Rubato.Serving;

/// <summary>The policies of one scheduler. Baselines are other values here, in the same engine.</summary>
public sealed record SchedulerPolicies
{
    private static readonly IQueuePolicy[] QueuePolicies = [new FirstComeFirstServed()];
    private static readonly IPreemptionPolicy[] PreemptionPolicies = [new LatestArrivalFirst()];

    /// <summary>First come, first served; the latest arrival is preempted.</summary>
    public static SchedulerPolicies Default { get; } = new();

    /// <summary>In which order requests are served.</summary>
    public IQueuePolicy Queue { get; init; } = QueuePolicies[0];

    /// <summary>Who gives up blocks when none is free.</summary>
    public IPreemptionPolicy Preemption { get; init; } = PreemptionPolicies[0];

    /// <summary>The built-in policies with these names.</summary>
    /// <exception cref="InvalidOptionException">A name is not known; the message lists those that are.</exception>
    public static SchedulerPolicies FromNames(string queue, string preemption) => new()
    {
        Queue = Find(QueuePolicies, policy => policy.Name, queue, "queue policy"),
        Preemption = Find(PreemptionPolicies, policy => policy.Name, preemption, "preemption policy"),
    };

    private static T Find<T>(T[] policies, Func<T, string> nameOf, string name, string kind) =>
        Array.Find(policies, policy => nameOf(policy) == name)
        ?? throw new InvalidOptionException(
            $"The {kind} '{MessageText.OneLine(name)}' is not known; use one of: {string.Join(", ", policies.Select(nameOf))}.");
}
