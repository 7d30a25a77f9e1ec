using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rubato.Torch.Comparison;

/// <summary>A multi-layer perceptron with one hidden layer of 128 rectified units.</summary>
internal sealed class Perceptron : ImageModel
{
    /// <summary>Hidden units.</summary>
    public const int Units = 128;

    private readonly Parameter _hidden;
    private readonly Parameter _hiddenBias;
    private readonly Parameter _output;
    private readonly Parameter _outputBias;

    public Perceptron(int pixels, int classes, ulong seed)
        : base(seed)
    {
        _hidden = Uniform(pixels, Units, pixels);
        _hiddenBias = Uniform(pixels, Units);
        _output = Uniform(Units, classes, Units);
        _outputBias = Uniform(Units, classes);
    }

    public override Tensor Logits(Tensor pixels) => F.linear(F.relu(F.linear(pixels, _hidden, _hiddenBias)), _output, _outputBias);
}
