using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rubato.Torch.Llama;

/// <summary>The matrix product of all linear layers of a model, in the model's precision.</summary>
internal sealed class MatrixProduct
{
    public MatrixPrecision Precision { get; set; }

    /// <summary>input × weightᵀ; the result has the factors' number type.</summary>
    public Tensor Apply(Tensor input, Tensor weight) => Precision == MatrixPrecision.BFloat16
        ? F.linear(input.to(ScalarType.BFloat16), weight.to(ScalarType.BFloat16))
        : F.linear(input, weight);
}
