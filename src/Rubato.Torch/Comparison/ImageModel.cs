using Rubato.Core;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rubato.Torch.Comparison;

/// <summary>A model that sorts images into classes; its first weights depend on a seed alone.</summary>
internal abstract class ImageModel(ulong seed) : IDisposable
{
    private readonly Prng _random = new Prng(seed).Split("weights");
    private readonly List<Parameter> _parameters = [];

    public Parameter[] Parameters => [.. _parameters];

    /// <summary>Unnormalised log-probabilities, [images, classes], of pixels [images, rows × columns].</summary>
    public abstract Tensor Logits(Tensor pixels);

    public void Dispose() => _parameters.ForEach(parameter => parameter.Dispose());

    /// <summary>Uniform weights of at most 1/√inputs, as PyTorch's layers have them.</summary>
    protected Parameter Uniform(int inputs, params long[] shape)
    {
        var bound = 1 / Math.Sqrt(inputs);
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        foreach (ref var value in values.AsSpan())
        {
            value = (float)((2 * _random.NextDouble() - 1) * bound);
        }

        using var weights = tensor(values, shape);
        var parameter = nn.Parameter(weights.clone());
        _ = parameter.DetachFromDisposeScope();
        _parameters.Add(parameter);
        return parameter;
    }
}
