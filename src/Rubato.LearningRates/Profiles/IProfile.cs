using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>The shape of a schedule: a multiplier of the peak rate over the progress of the budget.</summary>
/// <remarks>Implementations are immutable records (equal parameters, equal profile), pure, and safe to share between threads.</remarks>
public interface IProfile
{
    /// <summary>Which progress an update reads when nothing else is said.</summary>
    IndexConvention DefaultIndex => IndexConvention.ZeroBased;

    /// <summary>The mean multiplier over the whole budget where it has a closed form, else null.</summary>
    double? Mean => null;

    /// <summary>The multiplier at <paramref name="progress"/>; never NaN.</summary>
    /// <param name="progress">0 … 1; values outside are clamped.</param>
    double At(double progress);

    /// <summary>The multiplier for one update; differs from <see cref="At(double)"/> only in profiles that count updates.</summary>
    double At(in UpdateSpan update, IndexConvention index) => At(index.Progress(update));

    /// <summary>The first progress at which the profile has fallen to <paramref name="value"/>, or null without a closed form or such a progress.</summary>
    /// <param name="value">A multiplier.</param>
    double? Inverse(double value) => null;
}
