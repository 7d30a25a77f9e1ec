using Rubato.LearningRates.Notation;

namespace Rubato.LearningRates.Profiles;

/// <summary>Warm-up, stable, decay: 1 until the last share of the budget, then a cool-down to 0. Put a warm-up before it.</summary>
public sealed record WsdProfile : IProfile, IDescribed
{
    /// <summary>A cool-down over the last <paramref name="decay"/>.</summary>
    /// <param name="decay">Share of the budget, above 0, at most 1.</param>
    /// <param name="cooldown">The shape of the cool-down.</param>
    public WsdProfile(double decay = 0.2, Cooldown cooldown = Cooldown.SquareRoot)
    {
        Decay = Require.AboveZeroTo1("wsd", "decay", decay);
        Cooldown = cooldown;
    }

    /// <summary>Share of the cool-down.</summary>
    public double Decay { get; }

    /// <summary>Its shape.</summary>
    public Cooldown Cooldown { get; }

    /// <inheritdoc/>
    public double? Mean => 1 - Decay * (Cooldown switch
    {
        Cooldown.SquareRoot => 2.0 / 3,
        Cooldown.Square => 1.0 / 3,
        _ => 0.5,
    });

    /// <inheritdoc/>
    public double At(double progress)
    {
        // A rounding error at the boundary would grow to 1e-8 under the square root.
        var way = (Math.Clamp(progress, 0, 1) - (1 - Decay)) / Decay;
        if (way < 1e-12)
        {
            return 1;
        }

        way = Math.Min(way, 1);
        return Cooldown switch
        {
            Cooldown.Cosine => CosineProfile.Wave(way),
            Cooldown.SquareRoot => 1 - Math.Sqrt(way),
            Cooldown.Square => 1 - way * way,
            _ => 1 - way,
        };
    }

    /// <inheritdoc/>
    public double? Inverse(double value) => value is not (>= 0 and <= 1) ? null : 1 - Decay + Decay * (Cooldown switch
    {
        Cooldown.Cosine => CosineProfile.InverseWave(value),
        Cooldown.SquareRoot => (1 - value) * (1 - value),
        Cooldown.Square => Math.Sqrt(1 - value),
        _ => 1 - value,
    });

    CallTerm IDescribed.Describe() => new CallTerm("wsd").WithShare("decay", Decay, standard: 0.2).With("cooldown", Words.Of(Cooldown), Words.Of(Cooldown.SquareRoot));
}
