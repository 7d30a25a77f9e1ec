using System.Runtime.CompilerServices;
using Rubato.Core;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Quantized.Encoding;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Quantized;

/// <summary>Rows of floats to blocks of the quantised formats and back.</summary>
/// <remarks>
/// Encoding is a function of the numbers alone: every machine writes the same bytes. Q8_0, Q4_0, Q4_1, Q5_0 and Q5_1 spread the
/// codes over the range of a block, as the ggml library does, with its bytes. The others search for the scales with the least
/// squared error.
/// </remarks>
public static class QuantizedRows
{
    // Beyond every format's reach, and small enough for sums of squares.
    private const float LargestSearched = 1 << 30;

    /// <summary>Encodes whole blocks.</summary>
    /// <param name="format">A quantised format.</param>
    /// <param name="values">A row, or any whole number of blocks.</param>
    /// <param name="target">Exactly the bytes that the numbers take.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or the format has no blocks.</exception>
    /// <exception cref="RubatoException">A number is not finite, or too large for the format; the message names its index.</exception>
    public static void Encode(WeightFormat format, ReadOnlySpan<float> values, Span<byte> target)
    {
        CheckLengths(format, values.Length, target.Length);
        CheckValues(format, values);
        switch (format)
        {
            case WeightFormat.Q8_0: Encode<Q8_0Encoder>(format, values, target); break;
            case WeightFormat.Q4_0: Encode<Q4_0Encoder>(format, values, target); break;
            case WeightFormat.Q4_1: Encode<Q4_1Encoder>(format, values, target); break;
            case WeightFormat.Q5_0: Encode<Q5_0Encoder>(format, values, target); break;
            case WeightFormat.Q5_1: Encode<Q5_1Encoder>(format, values, target); break;
            case WeightFormat.Q2_K: Encode<Q2_KEncoder>(format, values, target); break;
            case WeightFormat.Q3_K: Encode<Q3_KEncoder>(format, values, target); break;
            case WeightFormat.Q4_K: Encode<Q4_KEncoder>(format, values, target); break;
            case WeightFormat.Q5_K: Encode<Q5_KEncoder>(format, values, target); break;
            case WeightFormat.Q6_K: Encode<Q6_KEncoder>(format, values, target); break;
            default: Encode<IQ4_NLEncoder>(format, values, target); break;
        }
    }

    /// <summary>Decodes whole blocks.</summary>
    /// <param name="format">A quantised format.</param>
    /// <param name="source">Exactly the bytes that the numbers take; any bytes decode.</param>
    /// <param name="values">A row, or any whole number of blocks.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or the format has no blocks.</exception>
    public static unsafe void Decode(WeightFormat format, ReadOnlySpan<byte> source, Span<float> values)
    {
        CheckLengths(format, values.Length, source.Length);
        fixed (byte* from = source)
        {
            fixed (float* to = values)
            {
                RowDecoder.Decode(from, format, values.Length, to, VectorSupport.Widest);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Encode<TEncoder>(WeightFormat format, ReadOnlySpan<float> values, Span<byte> target)
        where TEncoder : IBlockEncoder
    {
        var length = format.BlockLength();
        var bytes = format.BlockBytes();
        for (var block = 0; block < values.Length / length; block++)
        {
            TEncoder.Encode(values.Slice(block * length, length), target.Slice(block * bytes, bytes));
        }
    }

    private static void CheckLengths(WeightFormat format, int values, int bytes)
    {
        if (format.BlockLength() == 1)
        {
            throw new ArgumentException($"{format} is no format of blocks.", nameof(format));
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes, format.RowBytes(values));
    }

    private static void CheckValues(WeightFormat format, ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!(MathF.Abs(values[i]) <= LargestSearched))
            {
                throw float.IsFinite(values[i]) ? TooLarge(format, values[i]) : new RubatoException(
                    $"The value {values[i]} cannot be stored as {format}, at index {i} of the row; only finite numbers can: choose F32 or BF16.");
            }
        }
    }

    internal static RubatoException TooLarge(WeightFormat format, float value) =>
        new($"The value {value} is too large for {format}: its scale does not fit in half precision. Choose F32 or BF16.");
}
