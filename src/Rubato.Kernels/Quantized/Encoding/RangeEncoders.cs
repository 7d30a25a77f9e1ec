using System.Runtime.InteropServices;
using Rubato.Kernels.MatrixProducts;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>The largest number gets ±127. The division is by the scale before it is rounded for storage, in all of this file.</summary>
internal readonly struct Q8_0Encoder : IBlockEncoder
{
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        var peak = MathF.Abs(StoredScale.Peak(values));
        var scale = peak / 127;
        StoredScale.Write(block, scale, WeightFormat.Q8_0, peak);
        var inverse = StoredScale.Inverse(scale);
        var codes = MemoryMarshal.Cast<byte, sbyte>(block[2..]);
        for (var i = 0; i < values.Length; i++)
        {
            codes[i] = (sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }
}

/// <summary>The number farthest from zero gets the code −8; the scale takes its sign.</summary>
internal readonly struct Q4_0Encoder : IBlockEncoder
{
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[32];
        RangeCodes.Symmetric(values, 8, WeightFormat.Q4_0, codes, block);
        CodePacking.Nibbles(codes, block[2..]);
    }
}

/// <summary>The least number gets the code 0, the largest 15.</summary>
internal readonly struct Q4_1Encoder : IBlockEncoder
{
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[32];
        RangeCodes.Affine(values, 15, WeightFormat.Q4_1, codes, block);
        CodePacking.Nibbles(codes, block[4..]);
    }
}

/// <summary>The number farthest from zero gets the code −16; the scale takes its sign.</summary>
internal readonly struct Q5_0Encoder : IBlockEncoder
{
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[32];
        RangeCodes.Symmetric(values, 16, WeightFormat.Q5_0, codes, block);
        CodePacking.FiveBits(codes, block[2..]);
    }
}

/// <summary>The least number gets the code 0, the largest 31.</summary>
internal readonly struct Q5_1Encoder : IBlockEncoder
{
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[32];
        RangeCodes.Affine(values, 31, WeightFormat.Q5_1, codes, block);
        CodePacking.FiveBits(codes, block[4..]);
    }
}

/// <summary>Codes spread evenly over what a block holds.</summary>
file static class RangeCodes
{
    /// <summary>Codes 0 … 2 · <paramref name="middle"/> − 1; writes the scale.</summary>
    public static void Symmetric(ReadOnlySpan<float> values, int middle, WeightFormat format, Span<byte> codes, Span<byte> block)
    {
        var peak = StoredScale.Peak(values);
        var scale = peak / -middle;
        StoredScale.Write(block, scale, format, peak);
        var inverse = StoredScale.Inverse(scale);
        for (var i = 0; i < values.Length; i++)
        {
            codes[i] = (byte)Math.Min((int)((values[i] * inverse) + (middle + 0.5f)), (2 * middle) - 1);
        }
    }

    /// <summary>Codes 0 … <paramref name="largestCode"/>; writes scale and offset.</summary>
    public static void Affine(ReadOnlySpan<float> values, int largestCode, WeightFormat format, Span<byte> codes, Span<byte> block)
    {
        var (least, largest) = StoredScale.Range(values);
        var scale = (largest - least) / largestCode;
        StoredScale.Write(block, scale, format, largest);
        StoredScale.Write(block[2..], least, format, least);
        var inverse = StoredScale.Inverse(scale);
        for (var i = 0; i < values.Length; i++)
        {
            codes[i] = (byte)Math.Min((int)(((values[i] - least) * inverse) + 0.5f), largestCode);
        }
    }
}
