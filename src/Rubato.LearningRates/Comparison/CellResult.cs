using Rubato.LearningRates.GradientNorms;

namespace Rubato.LearningRates.Comparison;

/// <summary>What one training run came to.</summary>
/// <param name="Loss">Training loss at the end of the budget, over a fixed set of training examples; +∞ for a run that diverged.</param>
public sealed record CellResult(double Loss)
{
    /// <summary>A run that ended in nothing: its loss is not a number, or far above that of the untrained model.</summary>
    public static CellResult Failed { get; } = new(double.PositiveInfinity) { Diverged = true };

    /// <summary>Whether the run diverged. It counts as worst and is reported, never dropped.</summary>
    public bool Diverged { get; init; }

    /// <summary>A measure on data that training did not see, lower is better; null when the task has none.</summary>
    public double? Metric { get; init; }

    /// <summary>Gradient norms of every update, before clipping and weight decay, where the cell asked for them.</summary>
    public GradientNormSequence? Norms { get; init; }
}
