using Rubato.LearningRates.Notation;

namespace Rubato.LearningRates.Profiles;

/// <summary>1 − u.</summary>
public sealed record LinearProfile : IProfile, IDescribed
{
    /// <inheritdoc/>
    public double? Mean => 0.5;

    /// <inheritdoc/>
    public double At(double progress) => 1 - Math.Clamp(progress, 0, 1);

    /// <inheritdoc/>
    public double? Inverse(double value) => value is >= 0 and <= 1 ? 1 - value : null;

    CallTerm IDescribed.Describe() => new("linear");
}
