using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>A profile bent by <see cref="Mobius"/>: warp(½, linear) is REX, warp(φ/2, cosine) is UBA.</summary>
public sealed record WarpProfile : IProfile, IDescribed
{
    /// <summary><paramref name="inner"/> bent by M_a.</summary>
    /// <param name="a">Above 0; 1 changes nothing, below 1 decays later, above 1 earlier.</param>
    /// <param name="inner">A profile with values 0 … 1.</param>
    public WarpProfile(double a, IProfile inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Mobius.RequireStrength("warp", a);
        A = a;
        Inner = inner;
    }

    /// <summary>The strength a.</summary>
    public double A { get; }

    /// <summary>The bent profile.</summary>
    public IProfile Inner { get; }

    /// <inheritdoc/>
    public IndexConvention DefaultIndex => Inner.DefaultIndex;

    /// <inheritdoc/>
    public double? Mean => Inner switch
    {
        LinearProfile => Mobius.MeanOverLinear(A),
        CosineProfile { Power: 1 } => 1 / (1 + Math.Sqrt(A)),
        _ => null,
    };

    /// <inheritdoc/>
    public double At(double progress) => Mobius.Apply(A, Inner.At(progress));

    /// <inheritdoc/>
    public double At(in UpdateSpan update, IndexConvention index) => Mobius.Apply(A, Inner.At(update, index));

    /// <inheritdoc/>
    public double? Inverse(double value) => value is >= 0 and <= 1 ? Inner.Inverse(Mobius.Apply(1 / A, value)) : null;

    CallTerm IDescribed.Describe() => new CallTerm("warp").With("a", A).With(null, ProfileTerms.Describe(Inner));
}
