using System.Buffers.Binary;
using System.Security.Cryptography;
using Rubato.Core;

namespace Rubato.LearningRates.Comparison.Convex;

/// <summary>Examples with numeric features and one class each.</summary>
public sealed class ClassificationSet
{
    private readonly double[] _features;
    private readonly int[] _labels;

    /// <summary>A set with copies of the numbers.</summary>
    /// <param name="name">A short name.</param>
    /// <param name="features">Row-major [examples, width], finite.</param>
    /// <param name="width">Features an example, at least 1.</param>
    /// <param name="labels">One class an example, 0 … <paramref name="classes"/> − 1.</param>
    /// <param name="classes">At least 2.</param>
    /// <exception cref="InvalidOptionException">The numbers do not fit together, or one is not finite.</exception>
    public ClassificationSet(string name, ReadOnlySpan<double> features, int width, ReadOnlySpan<int> labels, int classes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (width < 1 || classes < 2 || labels.IsEmpty || features.Length != (long)labels.Length * width)
        {
            throw new InvalidOptionException($"data set {name}: {features.Length} numbers are not {labels.Length} examples of {width} features in {classes} classes.");
        }

        foreach (var feature in features)
        {
            Require(double.IsFinite(feature), name, $"has a feature that is {feature}");
        }

        foreach (var label in labels)
        {
            Require(label >= 0 && label < classes, name, $"has class {label} of {classes}");
        }

        (Name, Width, Classes) = (name, width, classes);
        (_features, _labels) = (features.ToArray(), labels.ToArray());
    }

    /// <summary>A short name.</summary>
    public string Name { get; }

    /// <summary>Number of examples.</summary>
    public int Count => _labels.Length;

    /// <summary>Features an example.</summary>
    public int Width { get; }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>The class of every example.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The features of one example.</summary>
    public ReadOnlySpan<double> Example(int index) => _features.AsSpan(index * Width, Width);

    /// <summary>The same with every feature mapped onto [−1, 1] by its smallest and largest value; a constant feature becomes 0.</summary>
    public ClassificationSet Scaled()
    {
        var scaled = new double[_features.Length];
        for (var feature = 0; feature < Width; feature++)
        {
            var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
            for (var i = feature; i < _features.Length; i += Width)
            {
                (low, high) = (Math.Min(low, _features[i]), Math.Max(high, _features[i]));
            }

            for (var i = feature; i < _features.Length; i += Width)
            {
                scaled[i] = high > low ? 2 * ((_features[i] - low) / (high - low)) - 1 : 0;
            }
        }

        return new(Name, scaled, Width, _labels, Classes);
    }

    /// <summary>A hash of all numbers, 16 hexadecimal digits: the same data, the same hash.</summary>
    public string Fingerprint()
    {
        var bytes = new byte[_features.Length * 8 + _labels.Length * 4];
        for (var i = 0; i < _features.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * 8), _features[i]);
        }

        for (var i = 0; i < _labels.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(_features.Length * 8 + i * 4), _labels[i]);
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
    }


    private static void Require(bool holds, string name, string problem)
    {
        if (!holds)
        {
            throw new InvalidOptionException($"data set {name}: {problem}.");
        }
    }
}
