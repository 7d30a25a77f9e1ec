using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>UBA: 2 (1 + cos πu) ÷ (2φ + (2 − φ)(1 + cos πu)).</summary>
/// <remarks>
/// Source: Tang, Dong, Zeng, Zhou and Lin, "Stepsize anything: A unified learning rate schedule for budgeted-iteration training",
/// NeurIPS 2025. φ = 2 is cosine decay; towards 0 it becomes constant; larger φ decays earlier. It reads the middle of every update.
/// </remarks>
public sealed record UbaProfile : IProfile, IDescribed
{
    /// <summary>The profile with shape <paramref name="phi"/>.</summary>
    /// <param name="phi">φ, above 0.</param>
    public UbaProfile(double phi = 1) => Phi = Require.Positive("uba", "phi", phi);

    /// <summary>The shape φ.</summary>
    public double Phi { get; }

    /// <inheritdoc/>
    public IndexConvention DefaultIndex => IndexConvention.MidPoint;

    /// <inheritdoc/>
    public double? Mean => 1 / (1 + Math.Sqrt(Phi / 2));

    /// <inheritdoc/>
    public double At(double progress) => Mobius.Apply(Phi / 2, CosineProfile.Wave(progress));

    /// <inheritdoc/>
    public double? Inverse(double value) => value is >= 0 and <= 1 ? CosineProfile.InverseWave(Mobius.Apply(2 / Phi, value)) : null;

    CallTerm IDescribed.Describe() => new CallTerm("uba").With("phi", Phi, standard: 1);
}
