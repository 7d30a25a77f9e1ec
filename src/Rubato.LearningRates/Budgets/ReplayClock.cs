using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Budgets;

/// <summary>Answers what another clock answered, so that a run under a budget in seconds sees the same rates again.</summary>
/// <param name="log">The answers of the first run.</param>
public sealed class ReplayClock(IReadOnlyList<UpdateSpan> log) : IBudgetClock
{
    private int _next;

    /// <inheritdoc/>
    public UpdateSpan Next(TrainingCounters spent)
    {
        Check.Invariant(_next < log.Count, $"the log holds {log.Count} updates");
        return log[_next++];
    }
}
