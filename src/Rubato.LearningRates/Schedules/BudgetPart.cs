using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>A part of a budget: a share of it, or a number of updates.</summary>
public readonly record struct BudgetPart
{
    private BudgetPart(double amount, bool isSteps)
    {
        Amount = amount;
        IsSteps = isSteps;
    }

    /// <summary>The share (0.05 is 5 %), or the number of updates when <see cref="IsSteps"/>.</summary>
    public double Amount { get; }

    /// <summary>Whether <see cref="Amount"/> counts updates.</summary>
    public bool IsSteps { get; }

    /// <summary>A share of the budget.</summary>
    /// <param name="share">0 … 1.</param>
    /// <exception cref="InvalidOptionException">The share is outside.</exception>
    public static BudgetPart Share(double share) => share is >= 0 and <= 1
        ? new(share, isSteps: false)
        : throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"a share of the budget is {share}, but must be 0 … 1 (0% … 100%)."));

    /// <summary>A number of updates.</summary>
    /// <param name="steps">At least 0.</param>
    /// <exception cref="InvalidOptionException">The number is negative.</exception>
    public static BudgetPart Steps(long steps) => steps >= 0
        ? new(steps, isSteps: true)
        : throw new InvalidOptionException($"a part of the budget is {steps} updates, but must be at least 0.");

    /// <summary>The part in the unit of <paramref name="update"/>, not rounded to whole updates.</summary>
    /// <exception cref="InvalidOptionException">The part counts updates and the budget does not.</exception>
    internal double In(in UpdateSpan update) => !IsSteps ? Amount * update.Total
        : update.Length > 0 ? Amount * update.Length
        : throw new InvalidOptionException($"{Amount} steps: this budget is not counted in updates; write the length as a share of the budget, such as 5%.");
}
