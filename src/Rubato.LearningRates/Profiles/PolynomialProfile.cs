using Rubato.LearningRates.Notation;

namespace Rubato.LearningRates.Profiles;

/// <summary>(1 − u)^q.</summary>
public sealed record PolynomialProfile : IProfile, IDescribed
{
    /// <summary>A decay with the exponent <paramref name="power"/>.</summary>
    /// <param name="power">Above 0; 1 is linear decay.</param>
    public PolynomialProfile(double power = 2) => Power = Require.Positive("polynomial", "power", power);

    /// <summary>The exponent q.</summary>
    public double Power { get; }

    /// <inheritdoc/>
    public double? Mean => 1 / (1 + Power);

    /// <inheritdoc/>
    public double At(double progress) => Math.Pow(1 - Math.Clamp(progress, 0, 1), Power);

    /// <inheritdoc/>
    public double? Inverse(double value) => value is >= 0 and <= 1 ? 1 - Math.Pow(value, 1 / Power) : null;

    CallTerm IDescribed.Describe() => new CallTerm("polynomial").With("power", Power);
}
