using Rubato.Core;
using Rubato.LearningRates.Notation;

namespace Rubato.LearningRates.Profiles;

/// <summary>ρ^u: the same factor for every equal share of the budget, ρ at its end.</summary>
public sealed record ExponentialProfile : IProfile, IDescribed
{
    /// <summary>A decay to <paramref name="final"/>.</summary>
    /// <param name="final">The multiplier at the end, above 0, at most 1.</param>
    public ExponentialProfile(double final = 0.01) => Final = Require.AboveZeroTo1("exponential", "final", final);

    /// <summary>The multiplier at the end, ρ.</summary>
    public double Final { get; }

    /// <inheritdoc/>
    public double? Mean => Final == 1 ? 1 : (Final - 1) / DeterministicMath.Log(Final);

    /// <inheritdoc/>
    public double At(double progress) => Math.Pow(Final, Math.Clamp(progress, 0, 1));

    /// <inheritdoc/>
    public double? Inverse(double value) =>
        value <= 1 && value >= Final && Final < 1 ? DeterministicMath.Log(value) / DeterministicMath.Log(Final) : null;

    CallTerm IDescribed.Describe() => new CallTerm("exponential").With("final", Final, standard: 0.01);
}
