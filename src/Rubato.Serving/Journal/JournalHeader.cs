namespace Rubato.Serving.Journal;

/// <summary>The first line of a journal: how to make the scheduler that it was recorded from.</summary>
/// <param name="Options">Validated options.</param>
public sealed record JournalHeader(SchedulerOptions Options)
{
    /// <summary>The version of the format that this code reads and writes.</summary>
    public const int Version = 2;

    /// <summary>A fresh scheduler as the recorded one was at its start.</summary>
    /// <exception cref="Rubato.Core.InvalidOptionException">A policy is not one of the built-in ones.</exception>
    public Scheduler CreateScheduler() => new(Options);
}
