using System.Buffers.Binary;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>Codes into the bits where the formats keep them: what <see cref="Planes"/> and its like take apart.</summary>
internal static class CodePacking
{
    /// <summary>The low four bits of 32 codes into 16 bytes.</summary>
    public static void Nibbles(ReadOnlySpan<byte> codes, Span<byte> target)
    {
        for (var i = 0; i < 16; i++)
        {
            target[i] = (byte)((codes[i] & 15) | (codes[i + 16] << 4));
        }
    }

    /// <summary>32 codes of five bits into 20 bytes, the fifth bits first.</summary>
    public static void FiveBits(ReadOnlySpan<byte> codes, Span<byte> target)
    {
        var high = 0u;
        for (var i = 0; i < 32; i++)
        {
            high |= ((uint)codes[i] >> 4) << i;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(target, high);
        Nibbles(codes, target[4..]);
    }

    /// <summary>The low four bits of 256 codes into 128 bytes: <paramref name="stride"/> numbers in the low halves of as many bytes, the next in the high halves.</summary>
    public static void LongNibbles(ReadOnlySpan<byte> codes, int stride, Span<byte> target)
    {
        for (var i = 0; i < 128; i++)
        {
            var low = (i / stride * 2 * stride) + (i % stride);
            target[i] = (byte)((codes[low] & 15) | (codes[low + stride] << 4));
        }
    }

    /// <summary>Two bits of 256 codes, from bit <paramref name="shift"/> on, into 64 bytes.</summary>
    public static void TwoBits(ReadOnlySpan<byte> codes, int shift, Span<byte> target)
    {
        for (var i = 0; i < 64; i++)
        {
            var first = (i / 32 * 128) + (i % 32);
            var packed = 0;
            for (var quarter = 0; quarter < 4; quarter++)
            {
                packed |= ((codes[first + (32 * quarter)] >> shift) & 3) << (2 * quarter);
            }

            target[i] = (byte)packed;
        }
    }

    /// <summary>Bit <paramref name="shift"/> of 256 codes into 32 bytes: byte l holds those of numbers l, 32 + l, 64 + l, ….</summary>
    public static void OneBit(ReadOnlySpan<byte> codes, int shift, Span<byte> target)
    {
        for (var i = 0; i < 32; i++)
        {
            var packed = 0;
            for (var step = 0; step < 8; step++)
            {
                packed |= ((codes[i + (32 * step)] >> shift) & 1) << step;
            }

            target[i] = (byte)packed;
        }
    }
}
