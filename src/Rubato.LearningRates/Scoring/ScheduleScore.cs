namespace Rubato.LearningRates.Scoring;

/// <summary>What theory promises of a schedule before any training.</summary>
/// <param name="Bound">The bound on the expected excess loss of the last iterate, in units of distance × gradient norm.</param>
/// <param name="BoundTimesSqrtT">The bound × √T: comparable between budgets.</param>
/// <param name="BestRate">The peak rate that reaches the bound.</param>
public readonly record struct ScheduleScore(double Bound, double BoundTimesSqrtT, double BestRate);
