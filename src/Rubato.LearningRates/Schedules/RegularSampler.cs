using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>Sample points at equal distances: every so many per cent, or at the start of every epoch.</summary>
public sealed record RegularSampler : ISampler
{
    private readonly double _numerator;
    private readonly double _denominator;

    private RegularSampler(double numerator, double denominator)
    {
        _numerator = numerator;
        _denominator = denominator;
    }

    /// <summary>The distance in per cent of the budget, or null when <see cref="Epochs"/> is set.</summary>
    public double? Percent => _denominator == 100 && Epochs is null ? _numerator : null;

    /// <summary>The epochs in the budget, or null when <see cref="Percent"/> is set.</summary>
    public double? Epochs { get; private init; }

    /// <summary>Points at 0, x, 2x, … per cent of the budget.</summary>
    /// <param name="percent">Above 0, at most 100.</param>
    /// <exception cref="InvalidOptionException">The distance is outside.</exception>
    public static RegularSampler EveryPercent(double percent) => percent is > 0 and <= 100
        ? new(percent, 100)
        : throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"sample: {percent}% must be above 0% and at most 100%."));

    /// <summary>Points at the start of every epoch.</summary>
    /// <param name="epochs">Epochs in the budget, above 0; may have a fraction.</param>
    /// <exception cref="InvalidOptionException">The number is not positive.</exception>
    public static RegularSampler EveryEpoch(double epochs) => epochs > 0 && double.IsFinite(epochs)
        ? new(1, epochs) { Epochs = epochs }
        : throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"sample: {epochs} epochs must be above 0."));

    /// <inheritdoc/>
    public double Hold(double progress)
    {
        // Rounding can put the quotient on either side of a point: decide by the points themselves.
        var nearest = Math.Round(progress * _denominator / _numerator);
        var point = nearest * _numerator / _denominator;
        return point <= progress ? point : (nearest - 1) * _numerator / _denominator;
    }
}
