namespace Rubato.LearningRates.Budgets;

/// <summary>All that a <see cref="BudgetClock"/> remembers beside its budget; saved with a run, so that progress never goes back after a resume.</summary>
/// <param name="Progress">The largest progress answered so far, 0 … 1.</param>
/// <param name="ProgressAtChange">Progress when the budget was last changed; 0 before any change.</param>
/// <param name="SpentAtChange">What was used then, in the unit of the budget.</param>
public readonly record struct BudgetClockState(double Progress, double ProgressAtChange, double SpentAtChange);
