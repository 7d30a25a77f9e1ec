using Rubato.LearningRates.Notation;

namespace Rubato.LearningRates.Profiles;

/// <summary>1 up to x, then linear to 0.</summary>
public sealed record DelayedLinearProfile : IProfile, IDescribed
{
    /// <summary>A decay that begins at <paramref name="start"/>.</summary>
    /// <param name="start">Share of the budget, 0 … below 1.</param>
    public DelayedLinearProfile(double start = 0.5) => Start = Require.Below1("delayed-linear", "start", start);

    /// <summary>Where the decay begins, x.</summary>
    public double Start { get; }

    /// <inheritdoc/>
    public double? Mean => (1 + Start) / 2;

    /// <inheritdoc/>
    public double At(double progress)
    {
        var u = Math.Clamp(progress, 0, 1);
        return u <= Start ? 1 : (1 - u) / (1 - Start);
    }

    /// <inheritdoc/>
    public double? Inverse(double value) => value is >= 0 and <= 1 ? 1 - value * (1 - Start) : null;

    CallTerm IDescribed.Describe() => new CallTerm("delayed-linear").WithShare("start", Start);
}
