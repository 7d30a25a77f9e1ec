using CsCheck;
using Rubato.Core;
using Rubato.Torch.GradientNorms;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rubato.Torch.Tests.GradientNorms;

public sealed class GradientNormRecorderTests
{
    [Fact]
    public void Norms_are_those_of_all_gradients_together_in_double_precision() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 100], Gen.Int[0, 70]).Sample((seed, rows, extra) =>
        {
            var random = new Prng(seed);
            using var scope = NewDisposeScope();
            Parameter[] parameters = [nn.Parameter(zeros(rows, 13)), nn.Parameter(zeros(extra)), nn.Parameter(zeros(3))];
            double absolute = 0, squares = 0;
            foreach (var parameter in parameters.Take(2)) // The third has no gradient.
            {
                var values = Enumerable.Range(0, (int)parameter.numel()).Select(_ => (float)(random.NextDouble() * 2000 - 1000)).ToArray();
                parameter.grad = tensor(values, parameter.shape);
                absolute += values.Sum(value => Math.Abs((double)value));
                squares += values.Sum(value => (double)value * value);
            }

            var recorder = new GradientNormRecorder(10);
            var (l1, l2) = recorder.Observe(parameters);
            Assert.Equal(absolute, l1, absolute * 1e-12);
            Assert.Equal(Math.Sqrt(squares), l2, Math.Sqrt(squares) * 1e-12);
            var kept = recorder.Log.ToSequence();
            Assert.Equal([(float)l1], kept.L1);
            Assert.Equal([(float)l2], kept.L2);
        }, iter: 30);

    [Fact]
    public void Gradients_that_are_not_contiguous_count_once()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(zeros(2, 3));
        parameter.grad = tensor((float[])[1, -2, 3, -4, 5, -6], 3, 2).t();
        var (l1, l2) = new GradientNormRecorder(1).Observe([parameter]);
        Assert.Equal(21, l1);
        Assert.Equal(Math.Sqrt(91), l2, 1e-12);
    }
}
