namespace Rubato.LearningRates.Refinement;

/// <summary>The family of optimizers, which decides how norms become weights.</summary>
public enum OptimizerKind
{
    /// <summary>SGD with or without momentum: weights are squared inverse ℓ2 norms.</summary>
    Sgd,

    /// <summary>Adam, AdamW and other coordinate-wise methods: weights are inverse ℓ1 norms.</summary>
    Adam,
}
