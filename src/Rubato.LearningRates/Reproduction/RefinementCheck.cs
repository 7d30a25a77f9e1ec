using Rubato.LearningRates.Refinement;

namespace Rubato.LearningRates.Reproduction;

/// <summary>The law of refinement: norms ∝ (1 − u)^(−s) give the decay (1 − u)^(1 + 4s) with SGD and (1 − u)^(1 + 2s) with Adam (our own derivation).</summary>
internal static class RefinementCheck
{
    private const int Steps = 1000;

    /// <summary>For every exponent that the authors plotted, norms that must lead to it.</summary>
    public static IEnumerable<ExactCheck> Run()
    {
        foreach (var (problem, _, exponent) in PaperClaims.Plotted)
        {
            foreach (var (optimizer, factor) in new[] { (OptimizerKind.Sgd, 4.0), (OptimizerKind.Adam, 2.0) })
            {
                var curve = Refine(optimizer, (exponent - 1) / factor);
                var deviation = Enumerable.Range(0, Steps).Max(t => Math.Abs(curve[t] - Math.Pow(1 - (t + 1.0) / Steps, exponent)));
                yield return ExactCheck.AtMost(
                    "polynomials", FormattableString.Invariant($"refinement law, exponent {exponent:0.0} ({problem}), {optimizer}: largest deviation of {Steps} rates"), deviation, 2 * Math.Max(1, exponent) / Steps);
            }
        }

        var flat = Refine(OptimizerKind.Sgd, 0);
        yield return ExactCheck.AtMost(
            "polynomials", "constant norms: largest deviation of the refined schedule from linear decay", Enumerable.Range(0, Steps).Max(t => Math.Abs(flat[t] - (Steps - t - 1.0) / (Steps - 1))), 1e-12);
    }

    private static double[] Refine(OptimizerKind optimizer, double s)
    {
        double[] norms = [.. Enumerable.Range(0, Steps).Select(t => Math.Pow(1 - (double)t / Steps, -s))];
        return ScheduleRefiner.Refine(norms, new() { Optimizer = optimizer, Smoothing = 0 }).Values;
    }
}
