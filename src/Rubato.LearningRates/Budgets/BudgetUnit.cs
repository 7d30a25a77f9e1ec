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

    /// <summary>Training examples.</summary>
    Samples,

    /// <summary>Anything else that adds up, in a unit of the caller's: joules, money.</summary>
    Cost,
}
