using System.Buffers.Binary;
using Rubato.Kernels.MatrixProducts;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>Scales as they are stored: in half precision.</summary>
internal static class StoredScale
{
    /// <summary>Writes a scale, rounded to the nearest.</summary>
    /// <param name="target">At least two bytes.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="format">The block's format, for the message.</param>
    /// <param name="peak">The number that made the scale as large as it is, for the message.</param>
    /// <exception cref="Core.RubatoException">The scale does not fit.</exception>
    public static void Write(Span<byte> target, float scale, WeightFormat format, float peak) =>
        BinaryPrimitives.WriteHalfLittleEndian(target, Round(scale, format, peak));

    /// <summary>The scale as it is stored.</summary>
    /// <exception cref="Core.RubatoException">The scale does not fit.</exception>
    public static Half Round(float scale, WeightFormat format, float peak)
    {
        var stored = (Half)scale;
        return Half.IsFinite(stored) ? stored : throw QuantizedRows.TooLarge(format, peak);
    }

    /// <summary>1 ÷ scale, and 0 where that is no number: the codes of such a block are all alike.</summary>
    public static float Inverse(float scale)
    {
        var inverse = 1 / scale;
        return float.IsFinite(inverse) ? inverse : 0;
    }

    /// <summary>The first of the numbers that lie farthest from zero, with its sign; +0 when all are zero.</summary>
    public static float Peak(ReadOnlySpan<float> values)
    {
        var peak = 0f;
        foreach (var value in values)
        {
            peak = MathF.Abs(value) > MathF.Abs(peak) ? value : peak;
        }

        return peak;
    }

    /// <summary>The least and the largest number.</summary>
    public static (float Least, float Largest) Range(ReadOnlySpan<float> values)
    {
        var (least, largest) = (values[0], values[0]);
        foreach (var value in values)
        {
            least = value < least ? value : least;
            largest = value > largest ? value : largest;
        }

        return (least, largest);
    }
}
