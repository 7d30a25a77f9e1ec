using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Budgets;

/// <summary>The text form of budgets: number, optional k, M or G, unit.</summary>
internal static class BudgetText
{
    private const string Forms = "write a number and a unit, such as 2000steps, 3epochs, 5Mtokens, 90s, 10min or 1h";

    public static TrainingBudget Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var body = text.Trim();
        var digits = body.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        if (digits == 0)
        {
            throw Unreadable(text, body.Length == 0 ? "is empty" : $"expects a number at position 1, found '{body[0]}'");
        }

        if (!decimal.TryParse(body[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            throw Unreadable(text, $"has an unreadable or too large number '{Shorten(body[..digits])}' at position 1");
        }

        var rest = body[digits..].TrimStart();
        var at = body.Length - rest.Length + 1;
        if (Unit(rest) is not { } unit)
        {
            throw Unreadable(text, (rest.Length == 0 ? "lacks a unit" : $"has an unknown unit '{Shorten(rest)}'") + $" at position {at}");
        }

        return number <= TrainingBudget.MaxAmount
            ? new(number * unit.Factor, unit.Unit)
            : throw Unreadable(text, "has a number too large at position 1");
    }

    public static string Format(TrainingBudget budget)
    {
        (decimal Factor, string Suffix)[] suffixes = budget.Unit switch
        {
            BudgetUnit.Epochs => [(1, "epochs")],
            BudgetUnit.Seconds => [(3600, "h"), (60, "min"), (1, "s")],
            var unit => [(1_000_000_000, "G" + TrainingBudget.Name(unit)), (1_000_000, "M" + TrainingBudget.Name(unit)),
                (1_000, "k" + TrainingBudget.Name(unit)), (1, TrainingBudget.Name(unit))],
        };
        var (factor, suffix) = suffixes.First(s => s.Factor == 1 || budget.Amount % s.Factor == 0);
        return (budget.Amount / factor).ToString("0.############################", CultureInfo.InvariantCulture) + suffix;
    }

    private static (decimal Factor, BudgetUnit Unit)? Unit(string text)
    {
        decimal factor = text.Length == 0 ? 1 : text[0] switch { 'k' => 1_000, 'M' => 1_000_000, 'G' => 1_000_000_000, _ => 1 };
        return (factor == 1 ? text : text[1..].TrimStart()) switch
        {
            "steps" or "step" => (factor, BudgetUnit.Steps),
            "epochs" or "epoch" => (factor, BudgetUnit.Epochs),
            "tokens" or "token" => (factor, BudgetUnit.Tokens),
            "samples" or "sample" => (factor, BudgetUnit.Samples),
            "cost" => (factor, BudgetUnit.Cost),
            "s" or "sec" or "seconds" when factor == 1 => (1, BudgetUnit.Seconds),
            "min" or "minutes" when factor == 1 => (60, BudgetUnit.Seconds),
            "h" or "hours" when factor == 1 => (3600, BudgetUnit.Seconds),
            _ => null,
        };
    }

    private static string Shorten(string part) => part.Length <= 20 ? part : part[..20] + "…";

    private static InvalidOptionException Unreadable(string text, string problem) => new($"budget '{Shorten(text)}' {problem}; {Forms}.");
}
