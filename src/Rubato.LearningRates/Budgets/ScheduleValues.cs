namespace Rubato.LearningRates.Budgets;

/// <summary>What a schedule says for one update.</summary>
/// <param name="Multiplier">Factor on the base rate of every parameter group.</param>
/// <param name="Momentum">Momentum (or Adam's β₁); null where the schedule leaves it alone.</param>
/// <param name="WeightDecay">Weight decay; null where the schedule leaves it alone.</param>
/// <param name="Progress">Share of the budget spent before the update, 0 … 1.</param>
public readonly record struct ScheduleValues(double Multiplier, double? Momentum, double? WeightDecay, double Progress);
