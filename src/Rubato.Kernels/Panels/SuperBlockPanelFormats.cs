using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Quantized;

namespace Rubato.Kernels.Panels;

/// <summary>d · s · q − m · t.</summary>
internal readonly unsafe struct Q2_KPanels : IPanelFormat
{
    public static int BlockLength => 256;

    public static int GroupLength => 16;

    public static int CodeBits => 2;

    public static int BiasShift => 0;

    public static PanelFactors Factors => PanelFactors.Nibbles;

    public static bool HasOffset => true;

    public static bool HasLevels => false;

    public static void Take(byte* block, PanelBlock* parts)
    {
        parts->Scale = Unsafe.ReadUnaligned<ushort>(block + Q2_KBlocks.Scale);
        parts->Offset = PanelHalf.Negate(Unsafe.ReadUnaligned<ushort>(block + Q2_KBlocks.Offset));
        Buffer.MemoryCopy(block, parts->Factors, 16, 16);
        for (var step = 0; step < 8; step++)
        {
            TwoBits.Load(block + Q2_KBlocks.Codes, step).Store(parts->Codes + (32 * step));
        }
    }
}

/// <summary>d · (s − 32) · (q − 4).</summary>
internal readonly unsafe struct Q3_KPanels : IPanelFormat
{
    public static int BlockLength => 256;

    public static int GroupLength => 16;

    public static int CodeBits => 3;

    public static int BiasShift => 2;

    public static PanelFactors Factors => PanelFactors.Signed;

    public static bool HasOffset => false;

    public static bool HasLevels => false;

    public static void Take(byte* block, PanelBlock* parts)
    {
        parts->Scale = Unsafe.ReadUnaligned<ushort>(block + Q3_KBlocks.Scale);
        for (var group = 0; group < 16; group++)
        {
            parts->Factors[group] = unchecked((byte)(Q3_KBlocks.Factor(block + Q3_KBlocks.Factors, group) - 32));
        }

        var high = Vector256.Load(block);
        for (var step = 0; step < 8; step++)
        {
            var third = ((high >>> step) & Vector256.Create((byte)1)) << 2;
            (TwoBits.Load(block + Q3_KBlocks.Codes, step) | third).Store(parts->Codes + (32 * step));
        }
    }
}

/// <summary>d · s · q − m · t.</summary>
internal readonly unsafe struct Q4_KPanels : IPanelFormat
{
    public static int BlockLength => 256;

    public static int GroupLength => 32;

    public static int CodeBits => 4;

    public static int BiasShift => 0;

    public static PanelFactors Factors => PanelFactors.Pairs;

    public static bool HasOffset => true;

    public static bool HasLevels => false;

    public static void Take(byte* block, PanelBlock* parts)
    {
        PanelHalf.TakeSixBitFactors(block, parts);
        for (var pair = 0; pair < 4; pair++)
        {
            var packed = Vector256.Load(block + Q4_KBlocks.Codes + (32 * pair));
            (packed & Vector256.Create((byte)15)).Store(parts->Codes + (64 * pair));
            (packed >>> 4).Store(parts->Codes + (64 * pair) + 32);
        }
    }
}

/// <summary>d · s · q − m · t.</summary>
internal readonly unsafe struct Q5_KPanels : IPanelFormat
{
    public static int BlockLength => 256;

    public static int GroupLength => 32;

    public static int CodeBits => 5;

    public static int BiasShift => 0;

    public static PanelFactors Factors => PanelFactors.Pairs;

    public static bool HasOffset => true;

    public static bool HasLevels => false;

    public static void Take(byte* block, PanelBlock* parts)
    {
        PanelHalf.TakeSixBitFactors(block, parts);
        var high = Vector256.Load(block + Q5_KBlocks.High);
        var one = Vector256.Create((byte)1);
        for (var pair = 0; pair < 4; pair++)
        {
            var packed = Vector256.Load(block + Q5_KBlocks.Codes + (32 * pair));
            ((packed & Vector256.Create((byte)15)) | (((high >>> (2 * pair)) & one) << 4)).Store(parts->Codes + (64 * pair));
            ((packed >>> 4) | (((high >>> ((2 * pair) + 1)) & one) << 4)).Store(parts->Codes + (64 * pair) + 32);
        }
    }
}

/// <summary>d · s · (q − 32).</summary>
internal readonly unsafe struct Q6_KPanels : IPanelFormat
{
    public static int BlockLength => 256;

    public static int GroupLength => 16;

    public static int CodeBits => 6;

    public static int BiasShift => 5;

    public static PanelFactors Factors => PanelFactors.Signed;

    public static bool HasOffset => false;

    public static bool HasLevels => false;

    public static void Take(byte* block, PanelBlock* parts)
    {
        parts->Scale = Unsafe.ReadUnaligned<ushort>(block + Q6_KBlocks.Scale);
        Buffer.MemoryCopy(block + Q6_KBlocks.Factors, parts->Factors, 16, 16);
        for (var step = 0; step < 8; step++)
        {
            Q6_KBlocks.Load(block, step).Store(parts->Codes + (32 * step));
        }
    }
}

/// <summary>Parts that formats of 256 numbers share.</summary>
internal static unsafe class PanelHalf
{
    /// <summary>−x in half precision.</summary>
    public static ushort Negate(ushort bits) => (ushort)(bits ^ 0x8000);

    /// <summary>The head of Q4_K and Q5_K.</summary>
    public static void TakeSixBitFactors(byte* block, PanelBlock* parts)
    {
        parts->Scale = Unsafe.ReadUnaligned<ushort>(block);
        parts->Offset = Negate(Unsafe.ReadUnaligned<ushort>(block + 2));
        for (var group = 0; group < 8; group++)
        {
            var (scale, offset) = SixBitFactors.Factors(block + SixBitFactors.Start, group);
            parts->Factors[group] = (byte)scale;
            parts->OffsetFactors[group] = (byte)offset;
        }
    }
}
