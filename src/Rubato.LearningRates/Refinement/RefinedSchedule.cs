using Rubato.LearningRates.Profiles;

namespace Rubato.LearningRates.Refinement;

/// <summary>A schedule refined from the gradient norms of an earlier run.</summary>
/// <param name="Values">One multiplier an update; the last is 0. The largest is 1 (after resampling it may be a little below).</param>
/// <param name="PeakAt">The update with the largest value, 1-based, before resampling.</param>
/// <param name="Warmup">Share of the run before the peak, 0 … 1.</param>
/// <param name="Exponent">Exponent q of the decay after the peak, fitted to ((1 − u)/(1 − Warmup))^q; null where too few values are left to fit.</param>
/// <param name="Degenerate">Whether the curve is a spike and should not be used: the norms collapsed.</param>
/// <param name="Bound">For unit distance to the optimum, the bound on the final loss that the weights reach by the theory for SGD: 1/√ΣG⁻².</param>
public sealed record RefinedSchedule(double[] Values, int PeakAt, double Warmup, double? Exponent, bool Degenerate, double Bound)
{
    /// <summary>The rise and the polynomial decay that sum up the curve; linear decay when its peak says nothing.</summary>
    /// <remarks>A peak in the last third comes from norms that collapse at the end, so neither its place nor the decay after it carries over.</remarks>
    public RampProfile Fallback { get; } = Warmup > ScheduleRefiner.LatestPeak || Exponent is not > 0 ? new(0) : new(Warmup, Exponent.Value);

    /// <summary>What to train with: the values, or the <see cref="Fallback"/> when they are degenerate.</summary>
    public IProfile Profile => Degenerate ? Fallback : new TableProfile(new(Values));
}
