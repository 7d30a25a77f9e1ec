using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Budgets;

/// <summary>How much training may cost: so many updates, passes over the data, tokens, or so much time.</summary>
/// <remarks>
/// Text form: a number, an optional k, M or G, and a unit, as in <c>2000steps</c>, <c>3epochs</c>, <c>5Mtokens</c>, <c>10min</c>.
/// </remarks>
public sealed record TrainingBudget
{
    /// <summary>The largest amount of any unit.</summary>
    public const decimal MaxAmount = 1_000_000_000_000_000m;

    private const double RoundingSlack = 1e-12;

    /// <summary>A budget of <paramref name="amount"/> <paramref name="unit"/>.</summary>
    /// <param name="amount">Above 0, at most <see cref="MaxAmount"/> (10⁹ for seconds); a whole number for steps, tokens and samples.</param>
    /// <param name="unit">What is counted.</param>
    /// <exception cref="InvalidOptionException">The amount is out of range.</exception>
    public TrainingBudget(decimal amount, BudgetUnit unit)
    {
        var most = unit == BudgetUnit.Seconds ? 1_000_000_000m : MaxAmount;
        if (amount <= 0 || amount > most)
        {
            throw new InvalidOptionException(string.Create(
                CultureInfo.InvariantCulture, $"budget: {amount} {Name(unit)} is out of range; give more than 0 and at most {most}."));
        }

        if (unit is BudgetUnit.Steps or BudgetUnit.Tokens or BudgetUnit.Samples && amount != decimal.Truncate(amount))
        {
            throw new InvalidOptionException(string.Create(
                CultureInfo.InvariantCulture, $"budget: {amount} {Name(unit)} is not a whole number; round it."));
        }

        Amount = amount;
        Unit = unit;
    }

    /// <summary>The amount in <see cref="Unit"/>; above 0.</summary>
    public decimal Amount { get; }

    /// <summary>What is counted.</summary>
    public BudgetUnit Unit { get; }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="InvalidOptionException">The text is not a budget; the message names the place and shows the forms.</exception>
    public static TrainingBudget Parse(string text) => BudgetText.Parse(text);

    /// <summary>The spent share after the work counted by <paramref name="spent"/>, 0 … 1; the budget is used up at 1.</summary>
    public double Progress(TrainingCounters spent) => Math.Clamp(Used(spent) / (double)Amount, 0, 1);

    /// <summary>The same budget in updates, when every update uses <paramref name="perUpdate"/>; the update that spends the last bit counts.</summary>
    /// <param name="perUpdate">What one update uses; above 0 in this budget's unit, which is not time or cost.</param>
    /// <exception cref="InvalidOptionException">The budget is counted in time or cost, which differ from update to update.</exception>
    public TrainingBudget InSteps(TrainingCounters perUpdate)
    {
        if (Unit is BudgetUnit.Seconds or BudgetUnit.Cost)
        {
            throw new InvalidOptionException($"budget {this}: says nothing about the number of updates.");
        }

        var each = Used(perUpdate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(each, nameof(perUpdate));
        var updates = (double)Amount / each;
        return new((decimal)Math.Max(1, Math.Ceiling(updates * (1 - RoundingSlack))), BudgetUnit.Steps);
    }

    /// <summary>The text form, in the largest suffix that needs no fraction.</summary>
    public override string ToString() => BudgetText.Format(this);

    /// <summary>How much was used of what this budget counts.</summary>
    internal double Used(TrainingCounters spent) => Unit switch
    {
        BudgetUnit.Steps => spent.Steps,
        BudgetUnit.Epochs => spent.Epochs,
        BudgetUnit.Tokens => spent.Tokens,
        BudgetUnit.Samples => spent.Samples,
        BudgetUnit.Cost => spent.Cost,
        _ => spent.Elapsed.Seconds,
    };

    internal static string Name(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Steps => "steps",
        BudgetUnit.Epochs => "epochs",
        BudgetUnit.Tokens => "tokens",
        BudgetUnit.Samples => "samples",
        BudgetUnit.Cost => "cost",
        _ => "s",
    };
}
