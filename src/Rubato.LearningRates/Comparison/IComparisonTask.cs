namespace Rubato.LearningRates.Comparison;

/// <summary>One real training problem with one optimizer, on which schedules are compared.</summary>
/// <remarks>
/// The rules of fairness that an implementation keeps: the order of the data, the initial weights and everything else random depend on the
/// seed of the cell alone, never on the schedule or the base rate; the score is taken at the end of the budget, without picking a checkpoint.
/// </remarks>
public interface IComparisonTask
{
    /// <summary>What a reader of the results must know: name, optimizer, full budget, grid of base rates.</summary>
    TaskDescription Description { get; }

    /// <summary>Trains from scratch for exactly the updates of the cell and scores the end.</summary>
    /// <remarks>Read rates from a <see cref="CellRates"/>, which knows all kinds of contestants. The same cell gives the same result.</remarks>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for.</exception>
    CellResult Train(TrainingCell cell, CancellationToken stop);
}
