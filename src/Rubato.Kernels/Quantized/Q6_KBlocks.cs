using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Quantized;

/// <summary>128 bytes with the low halves of the codes, 64 with two more bits, 16 signed factors, d: d · s · (q − 32).</summary>
internal readonly unsafe struct Q6_KBlocks : IBlockFormat
{
    public const int High = 128;
    public const int Factors = 192;
    public const int Scale = 208;

    public static int BlockLength => 256;

    public static int BlockBytes => 210;

    public static int GroupLength => 16;

    public static bool HasOffset => false;

    public static float Read(byte* block, int index)
    {
        // Numbers 128h + l, + 32, + 64, + 96: low halves of bytes 64h + l, + 32, then the high halves of the same bytes.
        var low = (block[(index / 128 * 64) + (index % 64)] >> (index % 128 / 64 * 4)) & 15;
        var code = low | (TwoBits.Read(block + High, index) << 4);
        return Planes.Half(block + Scale) * ((sbyte*)block)[Factors + (index / 16)] * (code - 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, sbyte* codes, float* scales, float* offsets)
    {
        var d = Planes.Half(block + Scale);
        for (var group = 0; group < 16; group++)
        {
            scales[group] = d * ((sbyte*)block)[Factors + group];
        }

        for (var step = 0; step < 8; step++)
        {
            (Load(block, step).AsSByte() - Vector256.Create((sbyte)32)).Store(codes + (32 * step));
        }
    }

    /// <summary>Codes of the numbers 32 · <paramref name="step"/> on, 0 … 63.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(byte* block, int step)
    {
        var packed = Vector256.Load(block + (step / 4 * 64) + (step % 2 * 32));
        var low = step % 4 < 2 ? packed & Vector256.Create((byte)15) : packed >>> 4;
        return low | (TwoBits.Load(block + High, step) << 4);
    }
}
