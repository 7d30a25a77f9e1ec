using CsCheck;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Scoring;

/// <summary>What theory promises of linear decay, on drawn convex problems f(x) = max_i (a_i · x + b_i) with |a_i| ≤ 1.</summary>
public sealed class LinearDecayTheoremTests
{
    private const int Dimensions = 4;
    private const int Updates = 60;

    private static readonly Gen<double[]> Vector = Gen.Double[-1, 1].Array[Dimensions];

    [Fact]
    public void The_last_iterate_is_within_DG_over_sqrt_T() =>
        Gen.Select(Gen.Select(Vector, Gen.Double[-1, 1]).Array[2, 8], Vector).Sample((pieces, start) =>
        {
            // The maximum is over planes that all touch the same point from below or pass under it: the optimum is at 0 by construction.
            var planes = pieces.SelectMany(piece => new[] { (Slope: Unit(piece.Item1), Offset: 0.0), (Slope: Unit([.. piece.Item1.Select(a => -a)]), Offset: -Math.Abs(piece.Item2) * 0.1) }).ToArray();
            var flat = planes.Append((Slope: new double[Dimensions], Offset: 0.0)).ToArray();
            var distance = Math.Sqrt(start.Sum(a => a * a));
            var rates = Schedule.Parse("linear(index=one)").Bind(Updates);
            var x = (double[])start.Clone();
            for (var t = 0; t < Updates; t++)
            {
                var (slope, _) = flat.MaxBy(plane => Value(plane, x));
                var rate = distance / Math.Sqrt(Updates) * rates.At(t);
                x = [.. x.Zip(slope, (a, g) => a - rate * g)];
            }

            Assert.InRange(flat.Max(plane => Value(plane, x)), 0, distance / Math.Sqrt(Updates) + 1e-12);
        }, iter: 300);

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

    private static double Value((double[] Slope, double Offset) plane, double[] x) => plane.Offset + plane.Slope.Zip(x, (a, b) => a * b).Sum();

    private static double[] Unit(double[] vector)
    {
        var norm = Math.Max(1e-9, Math.Sqrt(vector.Sum(a => a * a)));
        return [.. vector.Select(a => a / norm)];
    }
}
