using CsCheck;
using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.Comparison.Convex;

namespace Rubato.LearningRates.Tests.Comparison.Convex;

public sealed class SoftmaxRegressionTaskTests
{
    private static readonly ClassificationSet Data = SyntheticSets.All[0];
    private static readonly SoftmaxRegressionTask Sgd = new(Data, ConvexOptimizer.Sgd);
    private static readonly SoftmaxRegressionTask Momentum = new(Data, ConvexOptimizer.SgdMomentum);
    private static readonly SoftmaxRegressionTask Adam = new(Data, ConvexOptimizer.Adam);

    [Theory]
    [InlineData("rex")]
    [InlineData("onecycle")]
    [InlineData("plateau")]
    [InlineData("schedule-free")]
    public void The_same_cell_gives_the_same_bits_and_training_helps(string name)
    {
        SoftmaxRegressionTask[] tasks = name == "schedule-free" ? [Sgd] : [Sgd, Momentum, Adam];
        Assert.All(tasks, task =>
        {
            var first = Train(task, name, 100, 0.25, 3);
            Assert.Equal(first.Loss, Train(task, name, 100, 0.25, 3).Loss);
            Assert.NotEqual(first.Loss, Train(task, name, 100, 0.25, 4).Loss);
            Assert.InRange(first.Loss, 0.01, Math.Log(Data.Classes));
        });
    }

    [Fact]
    public void Two_spellings_of_one_curve_train_alike_so_the_order_of_the_data_does_not_depend_on_the_schedule()
    {
        Assert.All(new[] { Sgd, Adam }, task =>
        {
            Assert.Equal(Train(task, "linear", 200, 0.5, 9).Loss, Train(task, "polynomial(power=1)", 200, 0.5, 9).Loss);
            Assert.Equal(Train(task, "constant", 200, 0.5, 9).Loss, Train(task, "table([1, 1])", 200, 0.5, 9).Loss);
        });
    }

    [Fact]
    public void Batches_are_permutations_that_depend_on_seed_and_epoch_alone() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 20], Gen.ULong).Sample((examples, size, seed) =>
        {
            var (one, other) = (new ShuffledBatches(examples, size, seed), new ShuffledBatches(examples, size, seed));
            for (var epoch = 0; epoch < 3; epoch++)
            {
                var seen = new List<int>();
                while (seen.Count < examples)
                {
                    var batch = one.Next().ToArray();
                    Assert.Equal(batch, other.Next().ToArray());
                    Assert.InRange(batch.Length, 1, size);
                    seen.AddRange(batch);
                }

                Assert.Equal(Enumerable.Range(0, examples), seen.Order());
            }
        });

    [Fact]
    public void Recording_norms_changes_nothing_and_gives_one_pair_an_update()
    {
        var contestant = Contestant.Linear;
        var cell = contestant.Cell(contestant.Schedule, 50, 0.5, 1);
        var recorded = Sgd.Train(cell with { RecordNorms = true }, CancellationToken.None);
        Assert.Equal(Sgd.Train(cell, CancellationToken.None).Loss, recorded.Loss);
        Assert.Equal(50, recorded.Norms!.Count);
        Assert.All(Enumerable.Range(0, 50), t => Assert.True(recorded.Norms.L1[t] >= recorded.Norms.L2[t] && recorded.Norms.L2[t] > 0));
    }

    [Theory]
    [InlineData(1e6)]
    [InlineData(1e308)]
    public void A_rate_that_is_far_too_large_ends_as_diverged(double rate)
    {
        var result = Train(Sgd, "constant", 40, rate, 1);
        Assert.True(result.Diverged);
        Assert.Equal(double.PositiveInfinity, result.Loss);
    }

    [Fact]
    public void Adam_equals_its_definition()
    {
        var (adam, prng) = (new AdamUpdate(4), new Rubato.Core.Prng(5));
        var (w, m, v) = (new double[4], new double[4], new double[4]);
        for (var t = 1; t <= 50; t++)
        {
            double[] g = [.. Enumerable.Range(0, 4).Select(_ => prng.NextDouble() - 0.3)];
            adam.Step(g, 0.01, null);
            for (var i = 0; i < 4; i++)
            {
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                v[i] = 0.95 * v[i] + 0.05 * g[i] * g[i];
                w[i] -= 0.01 * (m[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.95, t))) + 1e-8);
                Assert.Equal(w[i], adam.Weights[i], 1e-12);
            }
        }
    }

    [Fact]
    public void Momentum_of_a_schedule_reaches_the_optimizer()
    {
        var plain = Train(Sgd, "constant", 60, 0.1, 1).Loss;
        Assert.NotEqual(plain, Train(Sgd, "constant | momentum(constant, max=0.9, min=0)", 60, 0.1, 1).Loss);
        Assert.Equal(plain, Train(Sgd, "constant | momentum(constant, max=0, min=0)", 60, 0.1, 1).Loss);
        Assert.Equal(plain, Train(Momentum, "constant | momentum(constant, max=0, min=0)", 60, 0.1, 1).Loss);
        Assert.Equal(Train(Momentum, "constant", 60, 0.1, 1).Loss, Train(Sgd, "constant | momentum(constant, max=0.9, min=0)", 60, 0.1, 1).Loss);
    }

    [Fact]
    public void The_full_budget_is_a_hundred_epochs_and_grids_are_powers_of_two()
    {
        Assert.Equal(100 * 10, Sgd.Description.FullBudget);
        Assert.Equal(10, Sgd.Description.Updates(0.01));
        Assert.Equal((11, 0.0625, 64), (Sgd.Description.BaseRates.Length, Sgd.Description.BaseRates[0], Sgd.Description.BaseRates[^1]));
        Assert.Equal((12, 1.0 / 512, 4), (Adam.Description.BaseRates.Length, Adam.Description.BaseRates[0], Adam.Description.BaseRates[^1]));
        Assert.Equal(["sgd", "sgdm", "adam"], new[] { Sgd, Momentum, Adam }.Select(task => task.Description.Group));
        Assert.NotEqual(Sgd.Description.Settings, new SoftmaxRegressionTask(SyntheticSets.All[1], ConvexOptimizer.Sgd).Description.Settings);
    }

    [Fact]
    public void Features_are_scaled_to_the_unit_interval_and_constant_ones_to_0()
    {
        var scaled = new ClassificationSet("tiny", [1, 7, -3, 7, 3, 7], 2, [0, 1, 0], 2).Scaled();
        double[] expected = [1.0 / 3, 0, -1, 0, 1, 0];
        Assert.All(expected, (value, i) => Assert.Equal(value, scaled.Example(i / 2)[i % 2], 1e-15));
    }

    private static CellResult Train(SoftmaxRegressionTask task, string name, long updates, double rate, ulong seed)
    {
        var contestant = Contestant.Parse(name);
        return task.Train(contestant.Cell(contestant.Schedule, updates, rate, seed), CancellationToken.None);
    }
}
