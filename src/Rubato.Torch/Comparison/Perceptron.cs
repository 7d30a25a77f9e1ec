using Rubato.Core;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rubato.Torch.Comparison;

/// <summary>A multi-layer perceptron with one hidden layer of rectified units, whose first weights depend on a seed alone.</summary>
internal sealed class Perceptron : IDisposable
{
    private readonly Parameter _hidden;
    private readonly Parameter _hiddenBias;
    private readonly Parameter _output;
    private readonly Parameter _outputBias;

    /// <summary>Uniform weights of at most 1/√inputs, as PyTorch's linear layers have them.</summary>
    public Perceptron(int inputs, int units, int classes, ulong seed)
    {
        var random = new Prng(seed).Split("weights");
        _hidden = Uniform(inputs, units, inputs);
        _hiddenBias = Uniform(inputs, units);
        _output = Uniform(units, classes, units);
        _outputBias = Uniform(units, classes);

        Parameter Uniform(int inputs, params long[] shape)
        {
            var bound = 1 / Math.Sqrt(inputs);
            var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
            foreach (ref var value in values.AsSpan())
            {
                value = (float)((2 * random.NextDouble() - 1) * bound);
            }

            using var weights = tensor(values, shape);
            var parameter = nn.Parameter(weights.clone());
            _ = parameter.DetachFromDisposeScope();
            return parameter;
        }
    }

    public Parameter[] Parameters => [_hidden, _hiddenBias, _output, _outputBias];

    /// <summary>Unnormalised log-probabilities, [images, classes].</summary>
    public Tensor Logits(Tensor images) => F.linear(F.relu(F.linear(images, _hidden, _hiddenBias)), _output, _outputBias);

    public void Dispose() => Array.ForEach(Parameters, parameter => parameter.Dispose());
}
