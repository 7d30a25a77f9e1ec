namespace Rubato.LearningRates.Budgets;

/// <summary>What a training budget is counted in.</summary>
public enum BudgetUnit
{
    /// <summary>Optimiser updates.</summary>
    Steps,

    /// <summary>Passes over the training data.</summary>
    Epochs,

    /// <summary>Trained tokens.</summary>
    Tokens,

    /// <summary>Training time in seconds.</summary>
    Seconds,
}
