using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Budgets;

/// <summary>Turns what a run has used into where its next update lies in the budget.</summary>
public interface IBudgetClock
{
    /// <summary>Where the update that is about to begin lies. Progress never decreases from call to call.</summary>
    /// <param name="spent">What was used before it.</param>
    UpdateSpan Next(TrainingCounters spent);
}
