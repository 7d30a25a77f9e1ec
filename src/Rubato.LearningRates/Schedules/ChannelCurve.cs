using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.Profiles;

namespace Rubato.LearningRates.Schedules;

/// <summary>Momentum or weight decay over the whole budget: min + (max − min) · profile. Absolute values, not multipliers.</summary>
public sealed record ChannelCurve
{
    /// <summary>A curve between two values.</summary>
    /// <param name="profile">The shape over the whole budget; a warm-up of the learning rate does not shift it.</param>
    /// <param name="max">The value at profile 1, at least 0.</param>
    /// <param name="min">The value at profile 0, 0 … <paramref name="max"/>.</param>
    /// <param name="index">Which progress an update reads; null for the profile's own.</param>
    /// <exception cref="InvalidOptionException">The values are not ordered finite numbers.</exception>
    public ChannelCurve(IProfile profile, double max, double min, IndexConvention? index = null)
    {
        ArgumentNullException.ThrowIfNull(profile);
        if (!(min >= 0 && max >= min && double.IsFinite(max)))
        {
            throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"channel: min {min} and max {max} must be numbers with 0 ≤ min ≤ max."));
        }

        Profile = profile;
        Max = max;
        Min = min;
        Index = index ?? profile.DefaultIndex;
    }

    /// <summary>The shape.</summary>
    public IProfile Profile { get; }

    /// <summary>The value at profile 1.</summary>
    public double Max { get; }

    /// <summary>The value at profile 0.</summary>
    public double Min { get; }

    /// <summary>Which progress an update reads.</summary>
    public IndexConvention Index { get; }

    /// <summary>The value for one update.</summary>
    public double At(in UpdateSpan update) => Min + (Max - Min) * Profile.At(update, Index);
}
