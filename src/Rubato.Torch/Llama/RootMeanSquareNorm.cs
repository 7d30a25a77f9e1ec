using static TorchSharp.torch;

namespace Rubato.Torch.Llama;

/// <summary>x ÷ √(mean(x²) + ε), times a gain per channel.</summary>
/// <remarks>Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.</remarks>
internal static class RootMeanSquareNorm
{
    /// <summary>Normalises the last dimension of <paramref name="input"/>; <paramref name="gain"/> has its length.</summary>
    public static Tensor Apply(Tensor input, Tensor gain, double epsilon)
    {
        var scale = input.square().mean([-1], keepdim: true).add(epsilon).rsqrt();
        return input * scale * gain;
    }
}
