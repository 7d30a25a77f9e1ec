using System.Numerics;
using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.Comparison.Convex;

namespace Rubato.LearningRates.Tests.Comparison.Convex;

public sealed class SoftmaxModelTests
{
    private static readonly Gen<(ClassificationSet Data, double[] Weights)> Problem =
        Gen.Select(Gen.Int[1, 6], Gen.Int[2, 9], Gen.Int[1, 20], Gen.ULong).Select((width, classes, count, seed) =>
        {
            var prng = new Prng(seed);
            var data = new ClassificationSet("drawn", Draw(prng, count * width), width, [.. Enumerable.Range(0, count).Select(_ => prng.NextInt32(classes))], classes);
            return (data, Draw(prng, new SoftmaxModel(data).Weights));
        });

    [Fact]
    public void Loss_equals_its_definition() => Problem.Sample((data, weights) =>
    {
        var model = new SoftmaxModel(data);
        var expected = Enumerable.Range(0, data.Count).Average(i =>
        {
            double[] logits = [.. Enumerable.Range(0, data.Classes).Select(c => weights[data.Width * model.Lanes + c] + Enumerable.Range(0, data.Width).Sum(f => data.Example(i)[f] * weights[f * model.Lanes + c]))];
            return Math.Log(logits.Sum(Math.Exp)) - logits[data.Labels[i]];
        });
        Assert.Equal(expected, model.Loss(weights), 1e-12 * Math.Max(1, expected));
    });

    [Fact]
    public void Gradient_equals_finite_differences_of_the_loss_and_leaves_spare_lanes_alone() => Problem.Sample((data, weights) =>
    {
        var (model, gradient) = (new SoftmaxModel(data), new double[weights.Length]);
        model.Gradient(weights, [.. Enumerable.Range(0, data.Count)], gradient);
        const double H = 1e-5;
        for (var i = 0; i < weights.Length; i++)
        {
            if (i % model.Lanes >= data.Classes)
            {
                Assert.Equal(0, gradient[i]);
                continue;
            }

            var (up, down) = ((double[])weights.Clone(), (double[])weights.Clone());
            (up[i], down[i]) = (up[i] + H, down[i] - H);
            Assert.Equal((model.Loss(up) - model.Loss(down)) / (2 * H), gradient[i], 1e-8);
        }
    }, iter: 30);

    [Fact]
    public void The_gradient_of_a_batch_is_the_mean_of_its_examples() => Problem.Sample((data, weights) =>
    {
        var model = new SoftmaxModel(data);
        var (whole, one, mean) = (new double[weights.Length], new double[weights.Length], new double[weights.Length]);
        model.Gradient(weights, [.. Enumerable.Range(0, data.Count)], whole);
        for (var i = 0; i < data.Count; i++)
        {
            model.Gradient(weights, [i], one);
            for (var w = 0; w < mean.Length; w++)
            {
                mean[w] += one[w] / data.Count;
            }
        }

        Assert.All(Enumerable.Range(0, mean.Length), w => Assert.Equal(mean[w], whole[w], 1e-12));
    });

    [Fact]
    public void Exponential_is_right_to_the_last_bits() => Gen.Double[-708, 0].Sample(x =>
    {
        var actual = VectorExponential.OfNegative(new Vector<double>(x))[0];
        Assert.Equal(1, actual / DeterministicMath.Exp(x), 1e-15);
    });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 1)]
    [InlineData(-1e300, 3.3e-308)]
    [InlineData(double.NegativeInfinity, 3.3e-308)]
    public void Exponential_at_its_ends(double x, double expected) => Assert.Equal(expected, VectorExponential.OfNegative(new Vector<double>(x))[0], expected * 0.01);

    [Fact]
    public void Exponential_keeps_what_is_not_a_number() => Assert.True(double.IsNaN(VectorExponential.OfNegative(new Vector<double>(double.NaN))[0]));

    [Fact]
    public void The_inner_loop_allocates_nothing()
    {
        var data = SyntheticSets.All[0];
        var (model, batch) = (new SoftmaxModel(data), new ShuffledBatches(data.Count, 16, 1).Next().ToArray());
        IWeightUpdate[] optimizers = [new SgdUpdate(model.Weights), new AdamUpdate(model.Weights), new ScheduleFreeSgd(model.Weights, new())];
        var gradient = new double[model.Weights];
        Updates(10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Updates(8);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Updates(int count)
        {
            for (var i = 0; i < count; i++)
            {
                foreach (var optimizer in optimizers)
                {
                    model.Gradient(optimizer.Weights, batch, gradient);
                    optimizer.Step(gradient, 0.1, null);
                }
            }
        }
    }

    private static double[] Draw(Prng prng, int count) => [.. Enumerable.Range(0, count).Select(_ => prng.NextNormal())];
}
