namespace Rubato.LearningRates.Schedules;

/// <summary>A change of the budget during the run: from update <paramref name="Step"/> on, the run ends after <paramref name="Total"/> updates.</summary>
/// <param name="Step">0-based index of the first update under the new budget.</param>
/// <param name="Total">Updates of the whole run under the new budget, above <paramref name="Step"/>.</param>
public readonly record struct Rebudget(long Step, long Total);
