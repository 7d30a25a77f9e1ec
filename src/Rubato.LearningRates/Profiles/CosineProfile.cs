using Rubato.LearningRates.Notation;

namespace Rubato.LearningRates.Profiles;

/// <summary>(½ (1 + cos πu))ᶜ; c = 1 is the usual half wave.</summary>
public sealed record CosineProfile : IProfile, IDescribed
{
    /// <summary>A half wave to the power <paramref name="power"/>.</summary>
    /// <param name="power">Above 0.</param>
    public CosineProfile(double power = 1) => Power = Require.Positive("cosine", "power", power);

    /// <summary>The exponent c.</summary>
    public double Power { get; }

    /// <inheritdoc/>
    public double? Mean => Power == 1 ? 0.5 : null;

    /// <inheritdoc/>
    public double At(double progress)
    {
        var wave = Wave(progress);
        return Power == 1 ? wave : Math.Pow(wave, Power);
    }

    /// <inheritdoc/>
    public double? Inverse(double value) => value is >= 0 and <= 1 ? InverseWave(Math.Pow(value, 1 / Power)) : null;

    /// <summary>½ (1 + cos πu) as sin²(π(1 − u)/2): exact at both ends and without cancellation near 0.</summary>
    internal static double Wave(double progress)
    {
        var sine = Math.Sin(Math.PI / 2 * (1 - Math.Clamp(progress, 0, 1)));
        return sine * sine;
    }

    internal static double InverseWave(double wave) => 1 - Math.Asin(Math.Sqrt(wave)) * 2 / Math.PI;

    CallTerm IDescribed.Describe() => new CallTerm("cosine").With("power", Power, standard: 1);
}
