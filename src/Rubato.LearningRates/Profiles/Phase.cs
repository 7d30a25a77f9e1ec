using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>One phase of a schedule in several: its share of the budget, its profile, and the multipliers between which that runs.</summary>
public sealed record Phase
{
    /// <summary>A phase.</summary>
    /// <param name="share">Share of the budget, above 0, at most 1.</param>
    /// <param name="profile">The shape over the phase's own progress.</param>
    /// <param name="max">The multiplier at profile 1, at least 0.</param>
    /// <param name="min">The multiplier at profile 0, 0 … <paramref name="max"/>.</param>
    /// <param name="index">Which progress of the phase an update reads; null for the profile's own.</param>
    /// <exception cref="InvalidOptionException">A number is out of range.</exception>
    public Phase(double share, IProfile profile, double max = 1, double min = 0, IndexConvention? index = null)
    {
        ArgumentNullException.ThrowIfNull(profile);
        if (!(min >= 0 && max >= min && double.IsFinite(max)))
        {
            throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"phase: min {min} and max {max} must be numbers with 0 ≤ min ≤ max."));
        }

        Share = Require.AboveZeroTo1("phase", "share", share);
        Profile = profile;
        Max = max;
        Min = min;
        Index = index ?? profile.DefaultIndex;
    }

    /// <summary>Share of the budget.</summary>
    public double Share { get; }

    /// <summary>The shape.</summary>
    public IProfile Profile { get; }

    /// <summary>The multiplier at profile 1.</summary>
    public double Max { get; }

    /// <summary>The multiplier at profile 0.</summary>
    public double Min { get; }

    /// <summary>Which progress of the phase an update reads.</summary>
    public IndexConvention Index { get; }
}
