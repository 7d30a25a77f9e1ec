using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>min(1, u / r) up to r, then ((1 − u) / (1 − r))^q: what a refined schedule is summed up as.</summary>
/// <remarks>Source: the summary form used by Defazio et al., "When, Why and How Much? Adaptive Learning Rate Scheduling by Refinement".</remarks>
public sealed record RampProfile : IProfile, IDescribed
{
    /// <summary>A rise over <paramref name="rise"/>, then a polynomial decay.</summary>
    /// <param name="rise">Share r of the budget, 0 … below 1.</param>
    /// <param name="power">Exponent q, above 0.</param>
    public RampProfile(double rise, double power = 1)
    {
        Rise = Require.Below1("ramp", "rise", rise);
        Power = Require.Positive("ramp", "power", power);
    }

    /// <summary>Share of the rise, r.</summary>
    public double Rise { get; }

    /// <summary>Exponent of the decay, q.</summary>
    public double Power { get; }

    /// <summary>Interior: no update is wasted at either end.</summary>
    public IndexConvention DefaultIndex => IndexConvention.Interior;

    /// <inheritdoc/>
    public double? Mean => Rise / 2 + (1 - Rise) / (1 + Power);

    /// <inheritdoc/>
    public double At(double progress)
    {
        var u = Math.Clamp(progress, 0, 1);
        return u < Rise ? u / Rise : Math.Pow((1 - u) / (1 - Rise), Power);
    }

    CallTerm IDescribed.Describe() => new CallTerm("ramp").WithShare("rise", Rise).With("power", Power, standard: 1);
}
