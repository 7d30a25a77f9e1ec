using CsCheck;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Scoring;

/// <summary>What theory promises of linear decay, on drawn convex problems f(x) = max_i |a_i · x| with |a_i| = 1.</summary>
public sealed class LinearDecayTheoremTests
{
    private const int Dimensions = 4;
    private const int Updates = 60;

    private static readonly Gen<double[]> Vector = Gen.Double[-1, 1].Array[Dimensions];

    /// <remarks>Pairs of opposite slopes of length 1: the function is 0 at the origin and nowhere below, G = 1, and D is the distance of the start from 0.</remarks>
    [Fact]
    public void The_last_iterate_is_within_DG_over_sqrt_T_of_the_optimum()
    {
        var worst = 0.0;
        Gen.Select(Vector.Array[2, 8], Vector.Where(start => start.Any(a => a != 0))).Sample((slopes, start) => worst = Math.Max(worst, ExcessOverBound([.. slopes.Select(Unit)], start)), iter: 200, threads: 1);

        // The largest coordinate, in many dimensions and from nearly equal ones: what one update gains is gained nowhere else.
        Gen.Double[0.9, 1].Array[2, Updates + 1].Sample(start => worst = Math.Max(worst, ExcessOverBound(Axes(start.Length), start)), iter: 100, threads: 1);
        Assert.InRange(worst, 0.9, 1);
    }

    [Fact]
    public void The_last_iterate_is_the_weighted_mean_of_the_online_sequence() =>
        Gen.Select(Gen.Double[0.1, 2].Array[Updates], Gen.Double[-1, 1].Array[Updates]).Sample((weights, moves) =>
        {
            // z moves by Δ_t; x moves by w_(t+1:T) / w_(1:T) of it.
            var total = weights.Sum();
            var (x, z, after, mean) = (0.3, 0.3, total, 0.0);
            for (var t = 0; t < Updates; t++)
            {
                mean += weights[t] * z / total;
                after -= weights[t];
                if (t < Updates - 1)
                {
                    x += after / total * moves[t];
                    z += moves[t];
                }
            }

            Assert.Equal(mean, x, 1e-12);
        });

    /// <summary>f(x_T) ÷ (D G ÷ √T) after sub-gradient descent with linear decay on max_i |a_i · x|.</summary>
    private static double ExcessOverBound(double[][] slopes, double[] start)
    {
        var bound = Math.Sqrt(start.Sum(a => a * a) / Updates);
        var rates = Schedule.Parse("linear(index=one)").Bind(Updates);
        var x = (double[])start.Clone();
        for (var t = 0; t < Updates; t++)
        {
            var steepest = slopes.MaxBy(slope => Math.Abs(Product(slope, x)))!;
            var move = bound * rates.At(t) * Math.Sign(Product(steepest, x));
            x = [.. x.Zip(steepest, (a, g) => a - move * g)];
        }

        return slopes.Max(slope => Math.Abs(Product(slope, x))) / bound;
    }

    private static double[][] Axes(int dimensions) => [.. Enumerable.Range(0, dimensions).Select(i =>
    {
        var axis = new double[dimensions];
        axis[i] = 1;
        return axis;
    })];

    private static double Product(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Unit(double[] vector)
    {
        var norm = Math.Max(1e-9, Math.Sqrt(vector.Sum(a => a * a)));
        return [.. vector.Select(a => a / norm)];
    }
}
