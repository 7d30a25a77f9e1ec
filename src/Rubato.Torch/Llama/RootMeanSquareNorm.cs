using static TorchSharp.torch;

namespace Rubato.Torch.Llama;

/// <summary>x ÷ √(mean(x²) + ε), times a gain per channel.</summary>
/// <remarks>
/// Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019. ε is kept as a scalar of its own: docs/decisions/0006.
/// </remarks>
/// <param name="epsilon">ε, above 0.</param>
internal sealed class RootMeanSquareNorm(double epsilon) : IDisposable
{
    private readonly TorchSharp.Scalar _epsilon = epsilon;

    /// <summary>Normalises the last dimension of <paramref name="input"/>; <paramref name="gain"/> has its length.</summary>
    public Tensor Apply(Tensor input, Tensor gain)
    {
        var scale = (input * input).mean([-1], keepdim: true).add(_epsilon, Scalars.One).rsqrt();
        return input * scale * gain;
    }

    public void Dispose() => _epsilon.Dispose();
}
