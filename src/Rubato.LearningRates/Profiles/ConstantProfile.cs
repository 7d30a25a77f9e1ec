using Rubato.LearningRates.Notation;

namespace Rubato.LearningRates.Profiles;

/// <summary>The peak rate throughout: the schedule without a budget.</summary>
public sealed record ConstantProfile : IProfile, IDescribed
{
    /// <inheritdoc/>
    public double? Mean => 1;

    /// <inheritdoc/>
    public double At(double progress) => 1;

    CallTerm IDescribed.Describe() => new("constant");
}
