using Rubato.Core;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Reproduction;

/// <summary>Gradient descent on quadratics with curvatures in an interval: UBA at φ = 2κ between the rates 1/λ_max and 1/λ_min is the best there is.</summary>
/// <remarks>Our own derivation: its mid-point rates are the reciprocals of the Chebyshev nodes, so the worst residual is 1/C_T((κ + 1)/(κ − 1)).</remarks>
internal static class ChebyshevCheck
{
    private const int Points = 4001;

    /// <summary>Deviations from the optimum, and how far other schedules stay behind it.</summary>
    public static IEnumerable<ExactCheck> Run()
    {
        foreach (var (kappa, steps) in new[] { (10.0, 8), (100.0, 16) })
        {
            var (rates, best) = (Rates(new(new UbaProfile(2 * kappa)), kappa, steps), Optimum(kappa, steps));
            yield return ExactCheck.AtMost(
                "condition", $"UBA at phi = 2 kappa, kappa = {kappa:0}, {steps} updates: distance of the worst residual to the optimum {best:F6}", Math.Abs(WorstResidual(rates, kappa) - best), 1e-9);
        }

        const double Kappa = 10;
        const int Steps = 8;
        var optimum = Optimum(Kappa, Steps);
        (string Name, double[] Rates)[] others =
        [
            ("the best constant", [.. Enumerable.Repeat(2 / (1 + 1 / Kappa), Steps)]),
            ("linear", Rates(new(new LinearProfile()), Kappa, Steps)),
            ("cosine", Rates(new(new CosineProfile()), Kappa, Steps)),
            ("REX", Rates(new(new RexProfile()), Kappa, Steps)),
        ];
        foreach (var (name, rates) in others)
        {
            yield return ExactCheck.AtMost("condition", $"kappa = 10, 8 updates: optimum as a share of the worst residual of {name}", optimum / WorstResidual(rates, Kappa), 1 - 1e-9);
        }
    }

    /// <summary>Rates from 1/λ_min = κ down to 1/λ_max = 1, for curvatures 1/κ … 1.</summary>
    private static double[] Rates(Schedule schedule, double kappa, int steps) => Array.ConvertAll(schedule.Bind(steps).Curve(), multiplier => 1 + (kappa - 1) * multiplier);

    /// <summary>max over λ of |Π (1 − η_i λ)|, on Chebyshev points of the interval so that its ends are hit exactly.</summary>
    private static double WorstResidual(double[] rates, double kappa)
    {
        var worst = 0.0;
        for (var point = 0; point < Points; point++)
        {
            var curvature = (1 + 1 / kappa) / 2 + (1 - 1 / kappa) / 2 * Math.Cos(Math.PI * point / (Points - 1));
            worst = Math.Max(worst, Math.Abs(rates.Aggregate(1.0, (residual, rate) => residual * (1 - rate * curvature))));
        }

        return worst;
    }

    /// <summary>1 / C_T(x) with C_T(x) = cosh(T arcosh x).</summary>
    private static double Optimum(double kappa, int steps)
    {
        var x = (kappa + 1) / (kappa - 1);
        var root = DeterministicMath.Log(x + Math.Sqrt(x * x - 1)) * steps;
        return 2 / (DeterministicMath.Exp(root) + DeterministicMath.Exp(-root));
    }
}
