using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rubato.Torch.Comparison;

/// <summary>Two convolutions of 3 × 3 with 8 and 16 channels, each rectified and pooled by 2, and a linear layer.</summary>
internal sealed class ConvolutionalNet : ImageModel
{
    private const int First = 8;
    private const int Second = 16;
    private const int Side = 3;
    private const int Pool = 2;

    private readonly (int Rows, int Columns) _size;
    private readonly Parameter _first;
    private readonly Parameter _firstBias;
    private readonly Parameter _second;
    private readonly Parameter _secondBias;
    private readonly Parameter _output;
    private readonly Parameter _outputBias;

    /// <param name="size">Rows and columns of an image, at least 4 each.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="seed">Seed of the weights.</param>
    public ConvolutionalNet((int Rows, int Columns) size, int classes, ulong seed)
        : base(seed)
    {
        _size = size;
        var features = Second * (size.Rows / (Pool * Pool)) * (size.Columns / (Pool * Pool));
        _first = Uniform(Side * Side, First, 1, Side, Side);
        _firstBias = Uniform(Side * Side, First);
        _second = Uniform(First * Side * Side, Second, First, Side, Side);
        _secondBias = Uniform(First * Side * Side, Second);
        _output = Uniform(features, classes, features);
        _outputBias = Uniform(features, classes);
    }

    public override Tensor Logits(Tensor pixels)
    {
        var images = pixels.view(-1, 1, _size.Rows, _size.Columns);
        var small = F.max_pool2d(F.relu(F.conv2d(images, _first, _firstBias, padding: [1, 1])), Pool);
        var smaller = F.max_pool2d(F.relu(F.conv2d(small, _second, _secondBias, padding: [1, 1])), Pool);
        return F.linear(smaller.flatten(1), _output, _outputBias);
    }
}
