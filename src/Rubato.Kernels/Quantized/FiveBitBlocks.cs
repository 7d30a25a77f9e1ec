using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Quantized;

/// <summary>d, the fifth bits of all codes, then 16 bytes of their low bits: d · (q − 16).</summary>
internal readonly unsafe struct Q5_0Blocks : IBlockFormat
{
    public static int BlockLength => 32;

    public static int BlockBytes => 22;

    public static int GroupLength => 32;

    public static bool HasOffset => false;

    public static float Read(byte* block, int index) => Planes.Half(block) * (FiveBits.Read(block + 2, index) - 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, sbyte* codes, float* scales, float* offsets)
    {
        scales[0] = Planes.Half(block);
        (FiveBits.Load(block + 2).AsSByte() - Vector256.Create((sbyte)16)).Store(codes);
    }
}

/// <summary>d, m, the fifth bits of all codes, then 16 bytes of their low bits: d · q + m.</summary>
internal readonly unsafe struct Q5_1Blocks : IBlockFormat
{
    public static int BlockLength => 32;

    public static int BlockBytes => 24;

    public static int GroupLength => 32;

    public static bool HasOffset => true;

    public static float Read(byte* block, int index) => (Planes.Half(block) * FiveBits.Read(block + 4, index)) + Planes.Half(block + 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, sbyte* codes, float* scales, float* offsets)
    {
        scales[0] = Planes.Half(block);
        offsets[0] = Planes.Half(block + 2);
        FiveBits.Load(block + 4).AsSByte().Store(codes);
    }
}

/// <summary>32 codes: four bytes with the fifth bit of each, then 16 bytes with the others.</summary>
internal static unsafe class FiveBits
{
    public static int Read(byte* packed, int index) =>
        Planes.Nibble(packed + 4, index) | (((packed[index / 8] >> (index % 8)) & 1) << 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(byte* packed) =>
        Planes.Nibbles(packed + 4) | Planes.Spread(Unsafe.ReadUnaligned<uint>(packed), 16);
}
