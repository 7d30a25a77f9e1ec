namespace Rubato.Serving.Journal;

/// <summary>The first line of a journal: how to make the scheduler that it was recorded from.</summary>
/// <param name="Options">Validated options.</param>
/// <param name="QueuePolicy">Name of the queue policy.</param>
/// <param name="PreemptionPolicy">Name of the preemption policy.</param>
public sealed record JournalHeader(SchedulerOptions Options, string QueuePolicy, string PreemptionPolicy)
{
    /// <summary>The version of the format that this code reads and writes.</summary>
    public const int Version = 1;

    /// <summary>A fresh scheduler as the recorded one was at its start.</summary>
    /// <exception cref="Rubato.Core.InvalidOptionException">A policy is not one of the built-in ones.</exception>
    public Scheduler CreateScheduler() => new(Options, SchedulerPolicies.FromNames(QueuePolicy, PreemptionPolicy));
}
