using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Quantized;

/// <summary>32 bytes with the third bit of each code, 64 bytes with the other two, 12 bytes of factors, d: d · (s − 32) · (q − 4).</summary>
internal readonly unsafe struct Q3_KBlocks : IBlockFormat
{
    public const int Codes = 32;
    public const int Factors = 96;
    public const int Scale = 108;

    public static int BlockLength => 256;

    public static int BlockBytes => 110;

    public static int GroupLength => 16;

    public static bool HasOffset => false;

    public static float Read(byte* block, int index)
    {
        var high = (block[index % 32] >> (index / 32)) & 1;
        var code = TwoBits.Read(block + Codes, index) | (high << 2);
        return Planes.Half(block + Scale) * (Factor(block + Factors, index / 16) - 32) * (code - 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, sbyte* codes, float* scales, float* offsets)
    {
        var d = Planes.Half(block + Scale);
        for (var group = 0; group < 16; group++)
        {
            scales[group] = d * (Factor(block + Factors, group) - 32);
        }

        var high = Vector256.Load(block);
        for (var step = 0; step < 8; step++)
        {
            var third = ((high >>> step) & Vector256.Create((byte)1)) << 2;
            ((TwoBits.Load(block + Codes, step) | third).AsSByte() - Vector256.Create((sbyte)4)).Store(codes + (32 * step));
        }
    }

    /// <summary>Factor of a group, 0 … 63: four low bits in eight bytes, two high bits in four more.</summary>
    public static int Factor(byte* packed, int group) =>
        ((packed[group % 8] >> (group / 8 * 4)) & 15) | (((packed[8 + (group % 4)] >> (group / 4 * 2)) & 3) << 4);
}
