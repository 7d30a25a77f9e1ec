using Rubato.LearningRates.Notation;

namespace Rubato.LearningRates.Profiles;

/// <summary>REX: with z the remaining share of the budget, z ÷ ((1 − β) + β z). It stays high for long, then falls fast to 0.</summary>
/// <remarks>
/// Source: Chen, Wolfe and Kyrillidis, "REX: Revisiting Budgeted Training with an Improved Schedule", MLSys 2022, where β = ½.
/// Several libraries call β = 0.9 by the same name; that is <see cref="Community"/>. β = 0 is linear decay, below 0 decays earlier.
/// </remarks>
public sealed record RexProfile : IProfile, IDescribed
{
    /// <summary>The profile with the paper's β = ½ or another.</summary>
    /// <param name="beta">At most 1. At β = 1 the rate is full until the end, where it is 0.</param>
    public RexProfile(double beta = 0.5)
    {
        Beta = beta <= 1 && double.IsFinite(beta) ? beta : throw Require.Outside("rex", "beta", beta, "a number of at most 1; the paper's value is 0.5");
    }

    /// <summary>What several libraries call REX: β = 0.9.</summary>
    public static RexProfile Community { get; } = new(0.9);

    /// <summary>The shape β.</summary>
    public double Beta { get; }

    /// <inheritdoc/>
    public double? Mean => Beta == 1 ? 1 : Mobius.MeanOverLinear(1 - Beta);

    /// <inheritdoc/>
    public double At(double progress) => Mobius.Apply(1 - Beta, 1 - Math.Clamp(progress, 0, 1));

    /// <inheritdoc/>
    public double? Inverse(double value) => value is >= 0 and <= 1 && Beta < 1 ? 1 - Mobius.Apply(1 / (1 - Beta), value) : null;

    CallTerm IDescribed.Describe() => new CallTerm("rex").With("beta", Beta, standard: 0.5);
}
