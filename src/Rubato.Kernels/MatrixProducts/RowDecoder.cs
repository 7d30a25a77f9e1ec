using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Quantized;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>Weights to floats, of every format.</summary>
internal static unsafe class RowDecoder
{
    /// <summary>Decodes <paramref name="length"/> numbers of a row.</summary>
    public static void Decode(byte* source, WeightFormat format, int length, float* target, VectorWidth width)
    {
        switch (width)
        {
            case VectorWidth.Bits512:
                Decode<Simd512, Vector512<float>>(source, format, length, target);
                break;
            case VectorWidth.Bits256:
                Decode<Simd256, Vector256<float>>(source, format, length, target);
                break;
            case VectorWidth.Bits128:
                Decode<Simd128, Vector128<float>>(source, format, length, target);
                break;
            default:
                DecodeScalar(source, format, 0, length, target);
                break;
        }
    }

    /// <summary>The definition, from number <paramref name="start"/> on.</summary>
    public static void DecodeScalar(byte* source, WeightFormat format, int start, int length, float* target)
    {
        if (format > WeightFormat.Q8_0)
        {
            BlockDecoder.DecodeScalar(source, format, start, length, target);
            return;
        }

        for (var i = start; i < length; i++)
        {
            target[i] = format switch
            {
                WeightFormat.F32 => ((float*)source)[i],
                WeightFormat.F16 => (float)((Half*)source)[i],
                WeightFormat.BF16 => BitConverter.Int32BitsToSingle(((ushort*)source)[i] << 16),
                _ => Q8(source + (i / 32 * WeightFormats.Q8BlockBytes), i % 32),
            };
        }
    }

    private static float Q8(byte* block, int index) => (float)*(Half*)block * ((sbyte*)(block + 2))[index];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Decode<TSimd, TVector>(byte* source, WeightFormat format, int length, float* target)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var i = 0;
        switch (format)
        {
            case WeightFormat.F32:
                Buffer.MemoryCopy(source, target, 4L * length, 4L * length);
                return;
            case WeightFormat.F16:
                for (; i <= length - TSimd.Count; i += TSimd.Count)
                {
                    TSimd.Store(target + i, TSimd.LoadHalves((ushort*)source + i));
                }

                break;
            case WeightFormat.BF16:
                for (; i <= length - TSimd.Count; i += TSimd.Count)
                {
                    TSimd.Store(target + i, TSimd.LoadBFloats((ushort*)source + i));
                }

                break;
            case WeightFormat.Q8_0:
                DecodeQ8<TSimd, TVector>(source, length, target);
                return;
            default:
                BlockDecoder.Decode<TSimd, TVector>(source, format, length, target);
                return;
        }

        DecodeScalar(source, format, i, length, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeQ8<TSimd, TVector>(byte* source, int length, float* target)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        for (var block = 0; block < length / WeightFormats.Q8BlockLength; block++)
        {
            Prefetch.Line(source + Prefetch.Ahead);
            var scale = TSimd.Broadcast(HalfPrecision.ToSingle(*(ushort*)source));
            for (var i = 0; i < WeightFormats.Q8BlockLength; i += TSimd.Count)
            {
                TSimd.Store(target + i, TSimd.Multiply(scale, TSimd.LoadSignedBytes((sbyte*)source + 2 + i)));
            }

            source += WeightFormats.Q8BlockBytes;
            target += WeightFormats.Q8BlockLength;
        }
    }
}
