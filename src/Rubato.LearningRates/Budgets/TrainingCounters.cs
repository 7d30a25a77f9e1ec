using Rubato.Core;

namespace Rubato.LearningRates.Budgets;

/// <summary>How much of everything that a budget can count has been used; nothing in it ever decreases during a run.</summary>
/// <param name="Steps">Optimiser updates done.</param>
/// <param name="Tokens">Tokens trained.</param>
/// <param name="Epochs">Passes over the training data, with the fraction of the current one.</param>
/// <param name="Elapsed">Training time.</param>
/// <param name="Samples">Training examples used.</param>
/// <param name="Cost">What a budget of <see cref="BudgetUnit.Cost"/> counts.</param>
public readonly record struct TrainingCounters(long Steps, long Tokens, double Epochs, Duration Elapsed, long Samples = 0, double Cost = 0);
