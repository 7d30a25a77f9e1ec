namespace Rubato.LearningRates.Comparison.Convex;

/// <summary>The optimizers of the convex suite.</summary>
public enum ConvexOptimizer
{
    /// <summary>Plain stochastic gradient descent: <c>sgd</c>. A schedule with a momentum channel brings momentum.</summary>
    Sgd,

    /// <summary>With momentum 0.9, unless a schedule says otherwise: <c>sgdm</c>.</summary>
    SgdMomentum,

    /// <summary>Adam with β = (0.9, 0.95) and without weight decay: <c>adam</c>.</summary>
    Adam,
}
