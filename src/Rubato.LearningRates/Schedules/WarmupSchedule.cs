using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>A linear rise to the peak over the first share of the budget, then another schedule over the rest.</summary>
/// <remarks>The rise starts at <see cref="Start"/>, not at 0, so that the first update moves the weights.</remarks>
public sealed record WarmupSchedule : ISchedule
{
    /// <summary>The factor with which the rise starts.</summary>
    public const double Start = 0.05;

    /// <summary>Puts a warm-up before <paramref name="then"/>.</summary>
    /// <param name="share">Share of the budget that the rise takes, 0 (none) … below 1.</param>
    /// <param name="then">The schedule over the rest of the budget.</param>
    /// <exception cref="InvalidOptionException">The share is outside [0, 1).</exception>
    public WarmupSchedule(double share, ISchedule then)
    {
        ArgumentNullException.ThrowIfNull(then);
        if (!(share is >= 0 and < 1))
        {
            throw new InvalidOptionException(string.Create(
                CultureInfo.InvariantCulture, $"warmup: the share is {share * 100:0.###}% but must be at least 0% and below 100% of the budget."));
        }

        Share = share;
        Then = then;
    }

    /// <summary>Share of the budget that the rise takes, 0 … below 1.</summary>
    public double Share { get; }

    /// <summary>The schedule after the rise.</summary>
    public ISchedule Then { get; }

    /// <inheritdoc/>
    public double At(double progress)
    {
        var spent = Math.Clamp(progress, 0, 1);
        return spent < Share
            ? (Start + (1 - Start) * spent / Share) * Then.At(0)
            : Then.At((spent - Share) / (1 - Share));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Then} | warmup({Share:R})");
}
