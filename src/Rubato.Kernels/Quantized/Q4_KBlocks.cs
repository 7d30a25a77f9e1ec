using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Quantized;

/// <summary>d, m, 12 bytes of factors, 128 bytes of codes, 64 numbers in 32 bytes: d · s · q − m · t.</summary>
internal readonly unsafe struct Q4_KBlocks : IBlockFormat
{
    public const int Codes = 16;

    public static int BlockLength => 256;

    public static int BlockBytes => 144;

    public static int GroupLength => 32;

    public static bool HasOffset => true;

    public static float Read(byte* block, int index)
    {
        var code = (block[Codes + (index / 64 * 32) + (index % 32)] >> (index % 64 / 32 * 4)) & 15;
        return SixBitFactors.Read(block, index / 32, code);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, sbyte* codes, float* scales, float* offsets)
    {
        SixBitFactors.Unpack(block, scales, offsets);
        for (var pair = 0; pair < 4; pair++)
        {
            var packed = Vector256.Load(block + Codes + (32 * pair));
            (packed & Vector256.Create((byte)15)).AsSByte().Store(codes + (64 * pair));
            (packed >>> 4).AsSByte().Store(codes + (64 * pair) + 32);
        }
    }
}

/// <summary>d, m, 12 bytes of factors, 32 bytes with the fifth bits, 128 bytes with the others: d · s · q − m · t.</summary>
internal readonly unsafe struct Q5_KBlocks : IBlockFormat
{
    public const int High = 16;
    public const int Codes = 48;

    public static int BlockLength => 256;

    public static int BlockBytes => 176;

    public static int GroupLength => 32;

    public static bool HasOffset => true;

    public static float Read(byte* block, int index)
    {
        var code = (block[Codes + (index / 64 * 32) + (index % 32)] >> (index % 64 / 32 * 4)) & 15;
        var fifth = (block[High + (index % 32)] >> (index / 32)) & 1;
        return SixBitFactors.Read(block, index / 32, code | (fifth << 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, sbyte* codes, float* scales, float* offsets)
    {
        SixBitFactors.Unpack(block, scales, offsets);
        var high = Vector256.Load(block + High);
        var one = Vector256.Create((byte)1);
        for (var pair = 0; pair < 4; pair++)
        {
            var packed = Vector256.Load(block + Codes + (32 * pair));
            var first = (packed & Vector256.Create((byte)15)) | (((high >>> (2 * pair)) & one) << 4);
            var second = (packed >>> 4) | (((high >>> ((2 * pair) + 1)) & one) << 4);
            first.AsSByte().Store(codes + (64 * pair));
            second.AsSByte().Store(codes + (64 * pair) + 32);
        }
    }
}

/// <summary>The head of Q4_K and Q5_K: d, m, then eight factors s and eight factors t of six bits in 12 bytes.</summary>
internal static unsafe class SixBitFactors
{
    /// <summary>Where the factors begin.</summary>
    public const int Start = 4;

    public static float Read(byte* block, int group, int code)
    {
        var (scale, offset) = Factors(block + Start, group);
        return (Planes.Half(block) * scale * code) - (Planes.Half(block + 2) * offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, float* scales, float* offsets)
    {
        var d = Planes.Half(block);
        var m = -Planes.Half(block + 2);
        for (var group = 0; group < 8; group++)
        {
            var (scale, offset) = Factors(block + Start, group);
            scales[group] = d * scale;
            offsets[group] = m * offset;
        }
    }

    /// <summary>Groups 0 … 3 have a byte each for s and t; their spare high bits are those of groups 4 … 7, whose low bits share four bytes.</summary>
    public static (int Scale, int Offset) Factors(byte* packed, int group) => group < 4
        ? (packed[group] & 63, packed[group + 4] & 63)
        : ((packed[group + 4] & 15) | (packed[group - 4] >> 6 << 4), (packed[group + 4] >> 4) | (packed[group] >> 6 << 4));
}
