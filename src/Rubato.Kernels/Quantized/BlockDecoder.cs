using System.Runtime.CompilerServices;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Quantized;

/// <summary>Rows of blocks to floats.</summary>
internal static unsafe class BlockDecoder
{
    /// <summary>The definition: numbers one by one, from number <paramref name="start"/> on.</summary>
    public static void DecodeScalar(byte* source, WeightFormat format, int start, int length, float* target)
    {
        delegate*<byte*, int, float> read = format switch
        {
            WeightFormat.Q4_0 => &Q4_0Blocks.Read,
            WeightFormat.Q4_1 => &Q4_1Blocks.Read,
            WeightFormat.Q5_0 => &Q5_0Blocks.Read,
            WeightFormat.Q5_1 => &Q5_1Blocks.Read,
            WeightFormat.Q2_K => &Q2_KBlocks.Read,
            WeightFormat.Q3_K => &Q3_KBlocks.Read,
            WeightFormat.Q4_K => &Q4_KBlocks.Read,
            WeightFormat.Q5_K => &Q5_KBlocks.Read,
            WeightFormat.Q6_K => &Q6_KBlocks.Read,
            WeightFormat.IQ4_NL => &IQ4_NLBlocks.Read,
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "No format of blocks."),
        };
        var blockLength = format.BlockLength();
        var blockBytes = format.BlockBytes();
        for (var i = start; i < length; i++)
        {
            target[i] = read(source + ((long)i / blockLength * blockBytes), i % blockLength);
        }
    }

    /// <summary>A row of whole blocks, with the same bits.</summary>
    public static void Decode<TSimd, TVector>(byte* source, WeightFormat format, int length, float* target)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        switch (format)
        {
            case WeightFormat.Q4_0: Decode<Q4_0Blocks, TSimd, TVector>(source, length, target); break;
            case WeightFormat.Q4_1: Decode<Q4_1Blocks, TSimd, TVector>(source, length, target); break;
            case WeightFormat.Q5_0: Decode<Q5_0Blocks, TSimd, TVector>(source, length, target); break;
            case WeightFormat.Q5_1: Decode<Q5_1Blocks, TSimd, TVector>(source, length, target); break;
            case WeightFormat.Q2_K: Decode<Q2_KBlocks, TSimd, TVector>(source, length, target); break;
            case WeightFormat.Q3_K: Decode<Q3_KBlocks, TSimd, TVector>(source, length, target); break;
            case WeightFormat.Q4_K: Decode<Q4_KBlocks, TSimd, TVector>(source, length, target); break;
            case WeightFormat.Q5_K: Decode<Q5_KBlocks, TSimd, TVector>(source, length, target); break;
            case WeightFormat.Q6_K: Decode<Q6_KBlocks, TSimd, TVector>(source, length, target); break;
            case WeightFormat.IQ4_NL: Decode<IQ4_NLBlocks, TSimd, TVector>(source, length, target); break;
            default: throw new ArgumentOutOfRangeException(nameof(format), format, "No format of blocks.");
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Decode<TFormat, TSimd, TVector>(byte* source, int length, float* target)
        where TFormat : IBlockFormat
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var codes = stackalloc sbyte[WeightFormats.BlockLengthMax];
        var scales = stackalloc float[16];
        var offsets = stackalloc float[16];
        for (var block = 0; block < length; block += TFormat.BlockLength)
        {
            Prefetch.Lines(source + Prefetch.Ahead, TFormat.BlockBytes);
            TFormat.Unpack(source, codes, scales, offsets);
            for (var group = 0; group < TFormat.BlockLength / TFormat.GroupLength; group++)
            {
                var scale = TSimd.Broadcast(scales[group]);
                var offset = TSimd.Broadcast(offsets[group]);
                for (var i = group * TFormat.GroupLength; i < (group + 1) * TFormat.GroupLength; i += TSimd.Count)
                {
                    var value = TSimd.Multiply(scale, TSimd.LoadSignedBytes(codes + i));
                    TSimd.Store(target + block + i, TFormat.HasOffset ? TSimd.Add(value, offset) : value);
                }
            }

            source += TFormat.BlockBytes;
        }
    }
}
