using System.Buffers.Binary;
using Rubato.Kernels.MatrixProducts;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>16 groups of 16 numbers, 4-bit factors, codes of two bits.</summary>
internal readonly struct Q2_KEncoder : IBlockEncoder
{
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[256];
        Span<byte> scales = stackalloc byte[16];
        Span<byte> offsets = stackalloc byte[16];
        var chosen = AffineSuperBlock.Of(values, scales, offsets, codeMax: 3, factorMax: 15, WeightFormat.Q2_K);
        chosen.Codes(codes);
        for (var group = 0; group < 16; group++)
        {
            block[group] = (byte)(scales[group] | (offsets[group] << 4));
        }

        CodePacking.TwoBits(codes, 0, block[Q2_KBlocks.Codes..]);
        BinaryPrimitives.WriteHalfLittleEndian(block[Q2_KBlocks.Scale..], chosen.Scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[Q2_KBlocks.Offset..], chosen.Offset);
    }
}

/// <summary>8 groups of 32 numbers, 6-bit factors, codes of four bits.</summary>
internal readonly struct Q4_KEncoder : IBlockEncoder
{
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[256];
        SixBitHead.Encode(values, codeMax: 15, WeightFormat.Q4_K, codes, block);
        CodePacking.LongNibbles(codes, 32, block[Q4_KBlocks.Codes..]);
    }
}

/// <summary>8 groups of 32 numbers, 6-bit factors, codes of five bits.</summary>
internal readonly struct Q5_KEncoder : IBlockEncoder
{
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[256];
        SixBitHead.Encode(values, codeMax: 31, WeightFormat.Q5_K, codes, block);
        CodePacking.OneBit(codes, 4, block[Q5_KBlocks.High..]);
        CodePacking.LongNibbles(codes, 32, block[Q5_KBlocks.Codes..]);
    }
}

/// <summary>What Q4_K and Q5_K begin with.</summary>
file static class SixBitHead
{
    public static void Encode(ReadOnlySpan<float> values, int codeMax, WeightFormat format, Span<byte> codes, Span<byte> block)
    {
        Span<byte> scales = stackalloc byte[8];
        Span<byte> offsets = stackalloc byte[8];
        var chosen = AffineSuperBlock.Of(values, scales, offsets, codeMax, factorMax: 63, format);
        chosen.Codes(codes);
        BinaryPrimitives.WriteHalfLittleEndian(block, chosen.Scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], chosen.Offset);
        var factors = block.Slice(SixBitFactors.Start, 12);
        for (var group = 0; group < 4; group++)
        {
            // A byte each for s and t of this group, with the two high bits of those four groups on; their low bits share a byte.
            factors[group] = (byte)(scales[group] | (scales[group + 4] >> 4 << 6));
            factors[group + 4] = (byte)(offsets[group] | (offsets[group + 4] >> 4 << 6));
            factors[group + 8] = (byte)((scales[group + 4] & 15) | (offsets[group + 4] << 4));
        }
    }
}
