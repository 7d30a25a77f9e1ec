namespace Rubato.LearningRates.Refinement;

/// <summary>How a schedule is refined.</summary>
public sealed record RefinementOptions
{
    /// <summary>Width of the median filter as a share of the sequence.</summary>
    public const double DefaultSmoothing = 0.1;

    /// <summary>The optimizer that the new schedule is for.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>Width of the median filter as a share of the sequence, 0 (no filter) … 1.</summary>
    public double Smoothing { get; init; } = DefaultSmoothing;

    /// <summary>Updates of the new run; null for as many as there are norms.</summary>
    public int? Steps { get; init; }

    /// <summary>Divide by the sum of the weights, as the theory does, instead of by the largest value.</summary>
    public bool DivideByTotalWeight { get; init; }

    internal static Dictionary<string, OptimizerKind> Optimizers { get; } = new() { ["sgd"] = OptimizerKind.Sgd, ["adam"] = OptimizerKind.Adam, ["adamw"] = OptimizerKind.Adam };
}
