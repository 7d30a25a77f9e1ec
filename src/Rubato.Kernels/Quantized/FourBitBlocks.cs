using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Quantized;

/// <summary>d, then 16 bytes of codes: d · (q − 8).</summary>
internal readonly unsafe struct Q4_0Blocks : IBlockFormat
{
    public static int BlockLength => 32;

    public static int BlockBytes => 18;

    public static int GroupLength => 32;

    public static bool HasOffset => false;

    public static float Read(byte* block, int index) => Planes.Half(block) * (Planes.Nibble(block + 2, index) - 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, sbyte* codes, float* scales, float* offsets)
    {
        scales[0] = Planes.Half(block);
        (Planes.Nibbles(block + 2).AsSByte() - Vector256.Create((sbyte)8)).Store(codes);
    }
}

/// <summary>d, m, then 16 bytes of codes: d · q + m.</summary>
internal readonly unsafe struct Q4_1Blocks : IBlockFormat
{
    public static int BlockLength => 32;

    public static int BlockBytes => 20;

    public static int GroupLength => 32;

    public static bool HasOffset => true;

    public static float Read(byte* block, int index) => (Planes.Half(block) * Planes.Nibble(block + 4, index)) + Planes.Half(block + 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, sbyte* codes, float* scales, float* offsets)
    {
        scales[0] = Planes.Half(block);
        offsets[0] = Planes.Half(block + 2);
        Planes.Nibbles(block + 4).AsSByte().Store(codes);
    }
}

/// <summary>d, then 16 bytes of codes that choose among 16 levels, denser around zero: d · level.</summary>
internal readonly unsafe struct IQ4_NLBlocks : IBlockFormat
{
    /// <summary>The levels, rising.</summary>
    public static ReadOnlySpan<sbyte> Levels => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    public static int BlockLength => 32;

    public static int BlockBytes => 18;

    public static int GroupLength => 32;

    public static bool HasOffset => false;

    public static float Read(byte* block, int index) => Planes.Half(block) * Levels[Planes.Nibble(block + 2, index)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, sbyte* codes, float* scales, float* offsets)
    {
        scales[0] = Planes.Half(block);
        var levels = Vector128.Create(Levels);
        var chosen = Planes.Nibbles(block + 2).AsSByte();
        Vector128.Shuffle(levels, chosen.GetLower()).Store(codes);
        Vector128.Shuffle(levels, chosen.GetUpper()).Store(codes + 16);
    }
}
