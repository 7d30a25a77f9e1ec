namespace Rubato.LearningRates.Comparison.Convex;

/// <summary>An optimizer over one array of weights.</summary>
internal interface IWeightUpdate
{
    /// <summary>Where the next gradient is to be taken.</summary>
    double[] Weights { get; }

    /// <summary>What a score or a checkpoint takes; for most optimizers the same.</summary>
    double[] Evaluated => Weights;

    /// <summary>Makes one update. Allocates nothing.</summary>
    /// <param name="gradient">The gradient at <see cref="Weights"/>.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="momentum">Momentum or β₁; null for the optimizer's own.</param>
    void Step(double[] gradient, double rate, double? momentum);
}
