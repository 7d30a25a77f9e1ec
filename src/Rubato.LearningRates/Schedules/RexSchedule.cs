using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>REX: with z the remaining share of the budget, the factor z ÷ ((1 − β) + β z). It stays high for long, then falls fast to 0.</summary>
/// <remarks>
/// Source: Chen, Wolfe and Kyrillidis, "REX: Revisiting Budgeted Training with an Improved Schedule", MLSys 2022, where β = ½.
/// Several libraries call β = 0.9 by the same name; β = 0 is linear decay.
/// </remarks>
public sealed record RexSchedule : ISchedule
{
    /// <summary>The schedule with the paper's β = ½ or another.</summary>
    /// <param name="beta">Shape, 0 (linear) … below 1 (ever later decay).</param>
    /// <exception cref="InvalidOptionException">β is outside [0, 1).</exception>
    public RexSchedule(double beta = 0.5)
    {
        if (!(beta is >= 0 and < 1))
        {
            throw new InvalidOptionException(string.Create(
                CultureInfo.InvariantCulture, $"rex: beta is {beta} but must be at least 0 and below 1; the paper's value is 0.5."));
        }

        Beta = beta;
    }

    /// <summary>The shape β, 0 … below 1.</summary>
    public double Beta { get; }

    /// <inheritdoc/>
    public double At(double progress)
    {
        var remaining = 1 - Math.Clamp(progress, 0, 1);
        return remaining / (1 - Beta + Beta * remaining);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Beta == 0.5 ? "rex" : string.Create(CultureInfo.InvariantCulture, $"rex(beta={Beta:R})");
}
