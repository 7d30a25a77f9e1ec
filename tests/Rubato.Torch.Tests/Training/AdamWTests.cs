using Rubato.Core;
using Rubato.Torch.Llama;
using Rubato.Torch.Training;
using static TorchSharp.torch;

namespace Rubato.Torch.Tests.Training;

public sealed class AdamWTests
{
    [Fact]
    public void Equals_the_formulas_in_double_precision()
    {
        using var parameters = new FlatParameters([("gain", [7]), ("matrix", [5, 11])]);
        var options = new AdamWOptions { WeightDecay = 0.1 };
        using var optimizer = new AdamW(parameters, options);
        var random = new Prng(1);
        var count = (int)parameters.Count;
        var values = Numbers(count);
        Fill(parameters.Values, values);
        var (first, second) = (new double[count], new double[count]);
        for (var step = 1; step <= 20; step++)
        {
            var gradients = Numbers(count);
            var (rate, scale) = (random.NextDouble() * 0.1, random.NextDouble());
            Fill(parameters.Gradients, gradients);
            optimizer.Step(step, rate, scale);
            for (var i = 0; i < count; i++)
            {
                var gradient = gradients[i] * scale;
                first[i] = options.Beta1 * first[i] + (1 - options.Beta1) * gradient;
                second[i] = options.Beta2 * second[i] + (1 - options.Beta2) * gradient * gradient;
                var (mean, square) = (first[i] / (1 - Math.Pow(options.Beta1, step)), second[i] / (1 - Math.Pow(options.Beta2, step)));
                var decay = i < parameters.MatrixCount ? 1 - rate * options.WeightDecay : 1;
                values[i] = values[i] * decay - rate * mean / (Math.Sqrt(square) + options.Epsilon);
            }
        }

        Assert.Equal(55, parameters.MatrixCount);
        Assert.All(values.Zip(parameters.Values.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));

        double[] Numbers(int n) => [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() * 2 - 1)];
    }

    private static void Fill(Tensor target, double[] values)
    {
        using var source = tensor(Array.ConvertAll(values, value => (float)value));
        target.copy_(source);
    }
}
