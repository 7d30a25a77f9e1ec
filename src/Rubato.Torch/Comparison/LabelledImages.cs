using System.Security.Cryptography;
using Rubato.Core;
using Rubato.Models.DataSets;
using static TorchSharp.torch;

namespace Rubato.Torch.Comparison;

/// <summary>Images as rows of numbers with mean 0 and deviation 1 over the training images, and their classes.</summary>
internal sealed class LabelledImages : IDisposable
{
    private LabelledImages(Tensor pixels, Tensor labels) => (Pixels, Labels) = (pixels, labels);

    /// <summary>float32 [images, pixels].</summary>
    public Tensor Pixels { get; }

    /// <summary>int64 [images].</summary>
    public Tensor Labels { get; }

    /// <summary>The first <paramref name="count"/> images of a set.</summary>
    /// <param name="set">The set; all of it for null.</param>
    /// <param name="count">How many.</param>
    /// <param name="scale">Mean and deviation to standardise with.</param>
    public static LabelledImages From(ImageSet set, int count, (double Mean, double Deviation) scale)
    {
        using var scope = NewDisposeScope();
        var bytes = tensor(set.Images.Values.AsSpan(0, count * set.Pixels).ToArray(), [count, set.Pixels]);
        using TorchSharp.Scalar minusMean = -scale.Mean, deviation = scale.Deviation;
        var pixels = bytes.to(ScalarType.Float32).add_(minusMean, Scalars.One).div_(deviation);
        var labels = tensor(Array.ConvertAll(set.Labels.Values[..count], label => (long)label));
        return new(pixels.DetachFromDisposeScope(), labels.DetachFromDisposeScope());
    }

    /// <summary>Mean and deviation of all pixels of the first images.</summary>
    public static (double Mean, double Deviation) Scale(ImageSet set, int count)
    {
        var moments = new StreamingStatistics();
        foreach (var pixel in set.Images.Values.AsSpan(0, count * set.Pixels))
        {
            moments.Add(pixel);
        }

        return (moments.Mean, Math.Max(Math.Sqrt(moments.PopulationVariance), 1e-9));
    }

    /// <summary>A hash of images and classes, 16 hexadecimal digits.</summary>
    public static string Fingerprint(params ReadOnlySpan<ImageSet> sets)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var set in sets)
        {
            hash.AppendData(set.Images.Values);
            hash.AppendData(set.Labels.Values);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    public void Dispose()
    {
        Pixels.Dispose();
        Labels.Dispose();
    }
}
