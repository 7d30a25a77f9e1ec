using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Attention;

/// <summary>Rows of keys or values, from floats to the form in which the cache keeps them, and back.</summary>
/// <remarks>
/// Q8_0: the scale of a block is its largest magnitude over 127, rounded to half precision; codes are the nearest multiples of the scale as it
/// is stored, ties to even, −127 … 127. A block that holds NaN, or a number beyond 8.3 million, gets the scale NaN, so that all that attends
/// to it is NaN and its request fails; numbers under 4 · 10⁻⁶ count as nothing.
/// </remarks>
internal static unsafe class KvRows
{
    private const int BlockLength = WeightFormats.Q8BlockLength;
    private const int CodeMax = 127;

    /// <summary>Stores a row of <paramref name="length"/> numbers; a last block of bytes is filled up with zeros.</summary>
    public static void Encode(float* source, int length, KvFormat format, byte* target, VectorWidth width)
    {
        switch (format)
        {
            case KvFormat.F32:
                Buffer.MemoryCopy(source, target, 4L * length, 4L * length);
                break;
            case KvFormat.F16:
                EncodeHalves(source, length, (ushort*)target, width);
                break;
            default:
                EncodeBytes(source, length, target, width);
                break;
        }
    }

    /// <summary>The same for a span, which takes exactly the bytes of the row.</summary>
    public static void Encode(ReadOnlySpan<float> source, KvFormat format, Span<byte> target, VectorWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, new KvShape(1, 1, source.Length, 1, format).RowBytes, nameof(target));
        fixed (float* from = source)
        {
            fixed (byte* to = target)
            {
                Encode(from, source.Length, format, to, width);
            }
        }
    }

    /// <summary>Whole rows as floats: in place, or decoded into <paramref name="scratch"/>.</summary>
    /// <param name="rows">Rows as they are stored, one after the other.</param>
    /// <param name="format">Their format.</param>
    /// <param name="numbers">Numbers of all rows, padding included.</param>
    /// <param name="scratch">Room for as many floats.</param>
    /// <param name="width">Which vectors to use.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Floats(byte* rows, KvFormat format, int numbers, float* scratch, VectorWidth width)
    {
        if (format == KvFormat.F32)
        {
            return (float*)rows;
        }

        RowDecoder.Decode(rows, format == KvFormat.F16 ? WeightFormat.F16 : WeightFormat.Q8_0, numbers, scratch, width);
        return scratch;
    }

    private static void EncodeHalves(float* source, int length, ushort* target, VectorWidth width)
    {
        switch (width)
        {
            case VectorWidth.Bits512:
                EncodeHalves<Simd512, Vector512<float>>(source, length, target);
                break;
            case VectorWidth.Bits256:
                EncodeHalves<Simd256, Vector256<float>>(source, length, target);
                break;
            case VectorWidth.Bits128:
                EncodeHalves<Simd128, Vector128<float>>(source, length, target);
                break;
            default:
                EncodeHalvesScalar(source, 0, length, target);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncodeHalves<TSimd, TVector>(float* source, int length, ushort* target)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var i = 0;
        for (; i <= length - TSimd.Count; i += TSimd.Count)
        {
            TSimd.StoreHalves(target + i, TSimd.Load(source + i));
        }

        EncodeHalvesScalar(source, i, length, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncodeHalvesScalar(float* source, int start, int length, ushort* target)
    {
        for (var i = start; i < length; i++)
        {
            target[i] = HalfPrecision.FromSingle(source[i]);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncodeBytes(float* source, int length, byte* target, VectorWidth width)
    {
        var filled = stackalloc float[BlockLength];
        for (var start = 0; start < length; start += BlockLength)
        {
            var block = source + start;
            if (length - start < BlockLength)
            {
                new Span<float>(filled, BlockLength).Clear();
                new ReadOnlySpan<float>(block, length - start).CopyTo(new(filled, BlockLength));
                block = filled;
            }

            if (width == VectorWidth.Scalar)
            {
                EncodeBlockScalar(block, target);
            }
            else
            {
                EncodeBlock(block, target);
            }

            target += WeightFormats.Q8BlockBytes;
        }
    }

    /// <summary>The definition.</summary>
    private static void EncodeBlockScalar(float* block, byte* target)
    {
        var largest = 0;
        for (var i = 0; i < BlockLength; i++)
        {
            largest = Math.Max(largest, BitConverter.SingleToInt32Bits(block[i]) & int.MaxValue);
        }

        *(ushort*)target = Scale(largest, out var inverse);
        var codes = (sbyte*)target + sizeof(ushort);
        for (var i = 0; i < BlockLength; i++)
        {
            codes[i] = inverse == 0 ? (sbyte)0 : (sbyte)Math.Clamp(MathF.Round(block[i] * inverse), -CodeMax, CodeMax);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EncodeBlock(float* block, byte* target)
    {
        var largest = Vector256<int>.Zero;
        for (var i = 0; i < BlockLength; i += 8)
        {
            largest = Vector256.Max(largest, Vector256.Load((int*)block + i) & Vector256.Create(int.MaxValue));
        }

        var four = Vector128.Max(largest.GetLower(), largest.GetUpper());
        var two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        *(ushort*)target = Scale(Math.Max(two[0], two[1]), out var inverse);
        var codes = (sbyte*)target + sizeof(ushort);
        if (inverse == 0)
        {
            Vector256<sbyte>.Zero.Store(codes);
            return;
        }

        for (var i = 0; i < BlockLength; i += 16)
        {
            var shorts = Vector256.Narrow(Codes(block + i, inverse), Codes(block + i + 8, inverse));
            Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).Store(codes + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Codes(float* source, float inverse)
    {
        var rounded = Vector256.Round(Vector256.Load(source) * Vector256.Create(inverse));
        var limited = Vector256.Min(Vector256.Max(rounded, Vector256.Create((float)-CodeMax)), Vector256.Create((float)CodeMax));
        return Vector256.ConvertToInt32Native(limited);
    }

    /// <summary>The scale for a largest magnitude, given as its bits, in half precision, and what to multiply with; 0 where codes are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort Scale(int largestBits, out float inverse)
    {
        var scale = HalfPrecision.FromSingle(BitConverter.Int32BitsToSingle(largestBits) / CodeMax);
        if (scale is 0 or >= (int)HalfPrecision.HalfInfinity)
        {
            inverse = 0;
            return scale == 0 ? scale : (ushort)HalfPrecision.HalfNaN;
        }

        inverse = 1 / HalfPrecision.ToSingle(scale);
        return scale;
    }
}
