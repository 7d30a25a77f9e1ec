using Rubato.Core;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Reproduction;

/// <summary>Sub-gradient descent with linear decay on drawn problems max_i (a_i · x + b_i): the last iterate is within D·G/√T of the optimum.</summary>
internal static class LinearDecayCheck
{
    private const int Problems = 300;
    private const int Dimensions = 4;
    private const int Updates = 60;

    /// <summary>The largest excess as a share of the bound, over all problems.</summary>
    public static ExactCheck Run()
    {
        var worst = 0.0;
        for (var problem = 0UL; problem < Problems; problem++)
        {
            worst = Math.Max(worst, ExcessOverBound(new Prng(1).Split(problem)));
        }

        return ExactCheck.AtMost("linear", $"linear decay on {Problems} drawn convex problems: largest excess of the last iterate over D G / sqrt(T)", worst, 1);
    }

    private static double ExcessOverBound(Prng prng)
    {
        // Pairs of opposite slopes: the maximum is never below 0 and is 0 at the origin, the optimum.
        var slopes = Enumerable.Range(0, prng.NextInt32(2, 9)).Select(_ => Direction(prng)).SelectMany(slope => new[] { slope, Array.ConvertAll(slope, a => -a) }).ToArray();
        var x = Array.ConvertAll(Direction(prng), a => a * (0.1 + prng.NextDouble()));
        var distance = Math.Sqrt(x.Sum(a => a * a));
        var rates = new Schedule(new LinearProfile()) { Index = IndexConvention.OneBased }.Bind(Updates);
        for (var t = 0; t < Updates; t++)
        {
            var steepest = slopes.MaxBy(slope => Product(slope, x))!;
            var rate = distance / Math.Sqrt(Updates) * rates.At(t);
            for (var i = 0; i < Dimensions; i++)
            {
                x[i] -= rate * steepest[i];
            }
        }

        return slopes.Max(slope => Product(slope, x)) / (distance / Math.Sqrt(Updates));
    }

    private static double[] Direction(Prng prng)
    {
        double[] vector = [.. Enumerable.Range(0, Dimensions).Select(_ => prng.NextNormal())];
        var norm = Math.Sqrt(vector.Sum(a => a * a));
        return Array.ConvertAll(vector, a => a / norm);
    }

    private static double Product(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < Dimensions; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
