using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Feedback;

/// <summary>When decay on plateau cuts the rate, and by how much.</summary>
public sealed record PlateauOptions
{
    /// <summary>What a cut multiplies the rate by, above 0 and below 1.</summary>
    public double Factor { get; init; } = 0.1;

    /// <summary>Share of the budget without improvement before a cut, 0 … 1.</summary>
    public double Patience { get; init; } = 0.05;

    /// <summary>An improvement is at least this share of the best loss, 0 … below 1.</summary>
    public double Threshold { get; init; } = 1e-4;

    /// <summary>Share of the budget after a cut in which none follows, 0 … 1.</summary>
    public double Cooldown { get; init; }

    /// <summary>The lowest multiplier, 0 … 1.</summary>
    public double Lowest { get; init; }

    /// <exception cref="InvalidOptionException">A value is out of range.</exception>
    internal void Validate()
    {
        Require(Factor is > 0 and < 1, "factor", Factor, "above 0 and below 1");
        Require(Patience is >= 0 and <= 1, "patience", Patience, "0 … 1, a share of the budget");
        Require(Threshold is >= 0 and < 1, "threshold", Threshold, "at least 0 and below 1");
        Require(Cooldown is >= 0 and <= 1, "cooldown", Cooldown, "0 … 1, a share of the budget");
        Require(Lowest is >= 0 and <= 1, "lowest", Lowest, "0 … 1");
    }

    private static void Require(bool holds, string name, double value, string rule)
    {
        if (!holds)
        {
            throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"plateau: {name} is {value} but must be {rule}."));
        }
    }
}
