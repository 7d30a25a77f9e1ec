using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Quantized;

/// <summary>16 bytes of factors (s low, t high), 64 bytes of codes, d, m: d · s · q − m · t.</summary>
internal readonly unsafe struct Q2_KBlocks : IBlockFormat
{
    public const int Codes = 16;
    public const int Scale = 80;
    public const int Offset = 82;

    public static int BlockLength => 256;

    public static int BlockBytes => 84;

    public static int GroupLength => 16;

    public static bool HasOffset => true;

    public static float Read(byte* block, int index)
    {
        var factors = block[index / 16];
        var code = TwoBits.Read(block + Codes, index);
        return (Planes.Half(block + Scale) * (factors & 15) * code) - (Planes.Half(block + Offset) * (factors >> 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, sbyte* codes, float* scales, float* offsets)
    {
        var d = Planes.Half(block + Scale);
        var m = -Planes.Half(block + Offset);
        for (var group = 0; group < 16; group++)
        {
            scales[group] = d * (block[group] & 15);
            offsets[group] = m * (block[group] >> 4);
        }

        for (var step = 0; step < 8; step++)
        {
            TwoBits.Load(block + Codes, step).AsSByte().Store(codes + (32 * step));
        }
    }
}

/// <summary>256 codes of two bits: byte 32h + l holds those of numbers 128h + l, + 32, + 64, + 96, the lowest bits first.</summary>
internal static unsafe class TwoBits
{
    public static int Read(byte* packed, int index) => (packed[(index / 128 * 32) + (index % 32)] >> (index % 128 / 32 * 2)) & 3;

    /// <summary>Numbers 32 · <paramref name="step"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(byte* packed, int step) =>
        (Vector256.Load(packed + (step / 4 * 32)) >>> (step % 4 * 2)) & Vector256.Create((byte)3);
}
