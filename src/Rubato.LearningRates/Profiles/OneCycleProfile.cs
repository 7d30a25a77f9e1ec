using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>One-cycle as PyTorch defines it: up to the peak at update pT − 1, down to the final rate at update T − 1, momentum the other way.</summary>
/// <remarks>
/// Three phases go up until pT − 1, back down until 2pT − 2, and on to the final rate. Momentum falls from its maximum to its base while
/// the rate rises, and rises again while the rate falls.
/// </remarks>
public sealed record OneCycleProfile : IProfile, IDescribed
{
    /// <summary>A cycle.</summary>
    /// <param name="rise">Share p of the budget in which the rate rises, above 0, below 1 (at most ½ with three phases).</param>
    /// <param name="div">Peak ÷ first rate, at least 1.</param>
    /// <param name="finalDiv">First rate ÷ final rate, at least 1.</param>
    /// <param name="linear">Straight lines instead of half cosine waves.</param>
    /// <param name="threePhase">Return to the first rate before the final descent.</param>
    /// <param name="momentum">Largest momentum.</param>
    /// <param name="baseMomentum">Momentum at the peak of the rate, 0 … <paramref name="momentum"/>.</param>
    public OneCycleProfile(
        double rise = 0.3, double div = 25, double finalDiv = 1e4, bool linear = false, bool threePhase = false, double momentum = 0.95, double baseMomentum = 0.85)
    {
        Rise = rise > 0 && rise < 1 && (!threePhase || rise <= 0.5) ? rise
            : throw Require.Outside("onecycle", "rise", rise, "above 0 and below 1 (at most 0.5 with phases=3)");
        Div = div >= 1 && double.IsFinite(div) ? div : throw Require.Outside("onecycle", "div", div, "a number of at least 1");
        FinalDiv = finalDiv >= 1 && double.IsFinite(finalDiv) ? finalDiv : throw Require.Outside("onecycle", "final-div", finalDiv, "a number of at least 1");
        Linear = linear;
        ThreePhase = threePhase;
        Momentum = Require.Below1("onecycle", "momentum", momentum);
        BaseMomentum = baseMomentum >= 0 && baseMomentum <= momentum ? baseMomentum
            : throw Require.Outside("onecycle", "base-momentum", baseMomentum, "0 … momentum");
    }

    /// <summary>Share of the budget in which the rate rises, p.</summary>
    public double Rise { get; }

    /// <summary>Peak ÷ first rate.</summary>
    public double Div { get; }

    /// <summary>First rate ÷ final rate.</summary>
    public double FinalDiv { get; }

    /// <summary>Whether the lines are straight.</summary>
    public bool Linear { get; }

    /// <summary>Whether the rate returns to its first value before the final descent.</summary>
    public bool ThreePhase { get; }

    /// <summary>Largest momentum.</summary>
    public double Momentum { get; }

    /// <summary>Momentum at the peak of the rate.</summary>
    public double BaseMomentum { get; }

    /// <inheritdoc/>
    public IndexConvention DefaultIndex => IndexConvention.Closed;

    /// <inheritdoc/>
    public double At(double progress) => Rate(Way(Math.Clamp(progress, 0, 1), 0, 1));

    /// <inheritdoc/>
    public double At(in UpdateSpan update, IndexConvention index) =>
        index == IndexConvention.Closed ? Rate(Way(update.Begin, update.Length, update.Total)) : At(index.Progress(update));

    /// <summary>The momentum for one update.</summary>
    public double MomentumAt(in UpdateSpan update)
    {
        var (phase, way) = Way(update.Begin, update.Length, update.Total);
        return phase switch
        {
            0 => Anneal(Momentum, BaseMomentum, way),
            1 => Anneal(BaseMomentum, Momentum, way),
            _ => Momentum,
        };
    }

    private double Rate((int Phase, double Way) at)
    {
        var first = 1 / Div;
        return at.Phase switch
        {
            0 => Anneal(first, 1, at.Way),
            1 => Anneal(1, ThreePhase ? first : first / FinalDiv, at.Way),
            _ => Anneal(first, first / FinalDiv, at.Way),
        };
    }

    /// <summary>The phase that <paramref name="begin"/> lies in, and how far through it: all in one unit, an update being <paramref name="length"/>.</summary>
    private (int Phase, double Way) Way(double begin, double length, double total)
    {
        var peak = Rise * total - length;
        var last = total - length;
        if (begin <= peak)
        {
            return (0, Share(begin, 0, peak));
        }

        if (!ThreePhase)
        {
            return (1, Share(begin, peak, last));
        }

        var back = 2 * Rise * total - 2 * length;
        return begin <= back ? (1, Share(begin, peak, back)) : (2, Share(begin, back, last));
    }

    private static double Share(double begin, double from, double to) => to > from ? Math.Clamp((begin - from) / (to - from), 0, 1) : 1;

    private double Anneal(double from, double to, double way) =>
        Linear ? from + (to - from) * way : to + (from - to) * CosineProfile.Wave(way);

    CallTerm IDescribed.Describe() => new CallTerm("onecycle")
        .WithShare("rise", Rise, standard: 0.3)
        .With("div", Div, standard: 25)
        .With("final-div", FinalDiv, standard: 1e4)
        .With("anneal", Linear ? "linear" : "cosine", "cosine")
        .With("phases", ThreePhase ? 3 : 2, standard: 2)
        .With("momentum", Momentum, standard: 0.95)
        .With("base-momentum", BaseMomentum, standard: 0.85);
}
