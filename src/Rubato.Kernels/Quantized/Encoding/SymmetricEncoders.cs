using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Rubato.Kernels.MatrixProducts;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>16 groups of 16 numbers, 6-bit factors, codes of three bits.</summary>
internal readonly struct Q3_KEncoder : IBlockEncoder
{
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[256];
        Span<sbyte> scales = stackalloc sbyte[16];
        var chosen = SymmetricSuperBlock.Of(values, scales, codes: 4, factors: 32, WeightFormat.Q3_K);
        chosen.Codes(codes);
        CodePacking.OneBit(codes, 2, block);
        CodePacking.TwoBits(codes, 0, block[Q3_KBlocks.Codes..]);
        var factors = block.Slice(Q3_KBlocks.Factors, 12);
        factors.Clear();
        for (var group = 0; group < 16; group++)
        {
            var factor = scales[group] + 32;
            factors[group % 8] |= (byte)((factor & 15) << (group / 8 * 4));
            factors[8 + (group % 4)] |= (byte)(factor >> 4 << (group / 4 * 2));
        }

        BinaryPrimitives.WriteHalfLittleEndian(block[Q3_KBlocks.Scale..], chosen.Scale);
    }
}

/// <summary>16 groups of 16 numbers, 8-bit factors, codes of six bits.</summary>
internal readonly struct Q6_KEncoder : IBlockEncoder
{
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[256];
        var scales = MemoryMarshal.Cast<byte, sbyte>(block.Slice(Q6_KBlocks.Factors, 16));
        var chosen = SymmetricSuperBlock.Of(values, scales, codes: 32, factors: 128, WeightFormat.Q6_K);
        chosen.Codes(codes);
        CodePacking.LongNibbles(codes, 64, block);
        CodePacking.TwoBits(codes, 4, block[Q6_KBlocks.High..]);
        BinaryPrimitives.WriteHalfLittleEndian(block[Q6_KBlocks.Scale..], chosen.Scale);
    }
}
