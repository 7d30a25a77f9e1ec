using CsCheck;
using Rubato.LearningRates.Comparison.Convex;

namespace Rubato.LearningRates.Tests.Comparison.Convex;

public sealed class ScheduleFreeSgdTests
{
    private const int Weights = 8;

    private static readonly Gen<double[][]> Gradients = Gen.Double[-1, 1].Array[Weights].Array[1, 30];

    [Fact]
    public void At_beta_0_gradients_are_taken_along_plain_descent_and_x_is_its_mean() => Gradients.Sample(gradients =>
    {
        var (free, plain, mean) = (new ScheduleFreeSgd(Weights, new() { Beta = 0 }), new SgdUpdate(Weights), new double[Weights]);
        foreach (var gradient in gradients)
        {
            free.Step(gradient, 0.3, null);
            plain.Step(gradient, 0.3, null);
            Close(plain.Weights, free.Weights);
            for (var i = 0; i < Weights; i++)
            {
                mean[i] += plain.Weights[i] / gradients.Length;
            }
        }

        Close(mean, free.Evaluated);
    });

    [Fact]
    public void At_beta_1_gradients_are_taken_at_the_average() => Gradients.Sample(gradients =>
    {
        var free = new ScheduleFreeSgd(Weights, new() { Beta = 1 });
        foreach (var gradient in gradients)
        {
            free.Step(gradient, 0.3, null);
            Close(free.Evaluated, free.Weights);
        }
    });

    [Fact]
    public void The_average_weighs_by_the_square_of_the_largest_rate_so_far() =>
        Gen.Select(Gradients, Gen.Double[0.01, 1].Array[30]).Sample((gradients, rates) =>
        {
            var free = new ScheduleFreeSgd(Weights, new());
            var (z, sum, total, largest) = (new double[Weights], new double[Weights], 0.0, 0.0);
            for (var t = 0; t < gradients.Length; t++)
            {
                free.Step(gradients[t], rates[t], null);
                largest = Math.Max(largest, rates[t]);
                total += largest * largest;
                for (var i = 0; i < Weights; i++)
                {
                    z[i] -= rates[t] * gradients[t][i];
                    sum[i] += largest * largest * z[i];
                }
            }

            Close([.. sum.Select(value => value / total)], free.Evaluated);
            Close([.. z.Zip(free.Evaluated, (a, b) => 0.1 * a + 0.9 * b)], free.Weights);
        });

    private static void Close(double[] expected, double[] actual) =>
        Assert.All(Enumerable.Range(0, expected.Length), i => Assert.Equal(expected[i], actual[i], 1e-12));
}
