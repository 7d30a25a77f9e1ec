using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>The lowest multiplier: the whole curve is squeezed above it, or cut off at it.</summary>
public sealed record Floor
{
    /// <summary>A floor at <paramref name="level"/>.</summary>
    /// <param name="level">Share of the peak rate, 0 … 1.</param>
    /// <param name="clamp">Cut off at the level (max) instead of squeezing (affine).</param>
    /// <exception cref="InvalidOptionException">The level is outside.</exception>
    public Floor(double level, bool clamp = false)
    {
        if (!(level is >= 0 and <= 1))
        {
            throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"floor: {level} must be 0 … 1, a share of the peak rate."));
        }

        Level = level;
        Clamp = clamp;
    }

    /// <summary>Share of the peak rate.</summary>
    public double Level { get; }

    /// <summary>Whether the curve is cut off instead of squeezed.</summary>
    public bool Clamp { get; }

    /// <summary>m · (1 − r) + r, or max(m, r).</summary>
    internal double Apply(double multiplier) => Clamp ? Math.Max(multiplier, Level) : multiplier * (1 - Level) + Level;
}
