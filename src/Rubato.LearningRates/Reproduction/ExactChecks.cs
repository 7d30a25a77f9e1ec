using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;
using Rubato.LearningRates.Scoring;

namespace Rubato.LearningRates.Reproduction;

/// <summary>What must hold without any training.</summary>
public static class ExactChecks
{
    /// <summary>The checks that belong to a publication, computed now (under a second).</summary>
    public static IReadOnlyList<ExactCheck> Run(PaperSystem system) => system switch
    {
        PaperSystem.Rex => [.. Rex()],
        PaperSystem.Uba => [.. Uba(), .. ChebyshevCheck.Run()],
        _ => [LinearDecayCheck.Run(), .. RefinementCheck.Run(), .. Bounds()],
    };

    private static IEnumerable<ExactCheck> Rex()
    {
        var rex = new Schedule(new RexProfile()).Bind(100);
        foreach (var (step, expected) in new[] { (25, 6.0 / 7), (50, 2.0 / 3), (75, 2.0 / 5), (99, 2.0 / 101) })
        {
            yield return ExactCheck.AtMost("formula", $"REX, update {step} of 100: deviation from the formula's value {expected:F12}", Math.Abs(rex.At(step) - expected), 1e-12);
        }

        yield return ExactCheck.AtMost("formula", "REX: deviation of the mean rate from 2 - 2 ln 2", Math.Abs(new RexProfile().Mean!.Value - (2 - 2 * Core.DeterministicMath.Log(2))), 1e-12);
    }

    private static IEnumerable<ExactCheck> Uba()
    {
        var (uba, cosine) = (new UbaProfile(2), new CosineProfile());
        yield return ExactCheck.AtMost("formula", "UBA at phi = 2: largest deviation from cosine decay", Enumerable.Range(0, 1001).Max(i => Math.Abs(uba.At(i / 1000.0) - cosine.At(i / 1000.0))), 1e-12);
        foreach (var phi in new[] { 0.25, 1, 5, 10 })
        {
            var curve = new Schedule(new UbaProfile(phi)).Bind(256).Curve();
            yield return ExactCheck.AtMost("formula", FormattableString.Invariant($"UBA at phi = {phi}: deviation of the mean rate from 1 / (1 + sqrt(phi / 2))"), Math.Abs(curve.Average() - 1 / (1 + Math.Sqrt(phi / 2))), 1e-12);
        }
    }

    private static IEnumerable<ExactCheck> Bounds()
    {
        const int T = 100;
        var harmonic = Enumerable.Range(1, T - 1).Sum(k => 1.0 / k);
        var constant = ScheduleScorer.Score(new Schedule(new ConstantProfile()).Bind(T).Curve()).Bound;
        var linear = ScheduleScorer.Score(new Schedule(new LinearProfile()).Bind(T).Curve()).Bound;
        yield return ExactCheck.AtMost("linear", "bound of a constant rate: deviation from its closed form", Math.Abs(constant - Math.Sqrt((1 + harmonic) / T)), 1e-12);
        yield return ExactCheck.AtMost("linear", "bound of linear decay: deviation from its closed form", Math.Abs(linear - 2 * Math.Sqrt((T - 0.5 + harmonic) / (T * (T + 1.0)))), 1e-12);
        yield return ExactCheck.AtMost("linear", "bound of linear decay as a share of that of a constant rate", linear / constant, 1 - 1e-9);
    }
}
