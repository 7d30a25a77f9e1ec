using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Quantized;

namespace Rubato.Kernels.Panels;

/// <summary>d · (q − 8).</summary>
internal readonly unsafe struct Q4_0Panels : IPanelFormat
{
    public static int BlockLength => 32;

    public static int GroupLength => 32;

    public static int CodeBits => 4;

    public static int BiasShift => 3;

    public static PanelFactors Factors => PanelFactors.None;

    public static bool HasOffset => false;

    public static bool HasLevels => false;

    public static void Take(byte* block, PanelBlock* parts)
    {
        parts->Scale = Unsafe.ReadUnaligned<ushort>(block);
        Planes.Nibbles(block + 2).Store(parts->Codes);
    }
}

/// <summary>d · q + m.</summary>
internal readonly unsafe struct Q4_1Panels : IPanelFormat
{
    public static int BlockLength => 32;

    public static int GroupLength => 32;

    public static int CodeBits => 4;

    public static int BiasShift => 0;

    public static PanelFactors Factors => PanelFactors.None;

    public static bool HasOffset => true;

    public static bool HasLevels => false;

    public static void Take(byte* block, PanelBlock* parts)
    {
        parts->Scale = Unsafe.ReadUnaligned<ushort>(block);
        parts->Offset = Unsafe.ReadUnaligned<ushort>(block + 2);
        Planes.Nibbles(block + 4).Store(parts->Codes);
    }
}

/// <summary>d · level[q].</summary>
internal readonly unsafe struct IQ4_NLPanels : IPanelFormat
{
    public static int BlockLength => 32;

    public static int GroupLength => 32;

    public static int CodeBits => 4;

    public static int BiasShift => 0;

    public static PanelFactors Factors => PanelFactors.None;

    public static bool HasOffset => false;

    public static bool HasLevels => true;

    public static void Take(byte* block, PanelBlock* parts)
    {
        parts->Scale = Unsafe.ReadUnaligned<ushort>(block);
        Planes.Nibbles(block + 2).Store(parts->Codes);
    }
}

/// <summary>d · (q − 16).</summary>
internal readonly unsafe struct Q5_0Panels : IPanelFormat
{
    public static int BlockLength => 32;

    public static int GroupLength => 32;

    public static int CodeBits => 5;

    public static int BiasShift => 4;

    public static PanelFactors Factors => PanelFactors.None;

    public static bool HasOffset => false;

    public static bool HasLevels => false;

    public static void Take(byte* block, PanelBlock* parts)
    {
        parts->Scale = Unsafe.ReadUnaligned<ushort>(block);
        FiveBits.Load(block + 2).Store(parts->Codes);
    }
}

/// <summary>d · q + m.</summary>
internal readonly unsafe struct Q5_1Panels : IPanelFormat
{
    public static int BlockLength => 32;

    public static int GroupLength => 32;

    public static int CodeBits => 5;

    public static int BiasShift => 0;

    public static PanelFactors Factors => PanelFactors.None;

    public static bool HasOffset => true;

    public static bool HasLevels => false;

    public static void Take(byte* block, PanelBlock* parts)
    {
        parts->Scale = Unsafe.ReadUnaligned<ushort>(block);
        parts->Offset = Unsafe.ReadUnaligned<ushort>(block + 2);
        FiveBits.Load(block + 4).Store(parts->Codes);
    }
}

/// <summary>d · (q − 128): signed bytes, stored with 128 added.</summary>
internal readonly unsafe struct Q8_0Panels : IPanelFormat
{
    public static int BlockLength => 32;

    public static int GroupLength => 32;

    public static int CodeBits => 8;

    public static int BiasShift => 7;

    public static PanelFactors Factors => PanelFactors.None;

    public static bool HasOffset => false;

    public static bool HasLevels => false;

    public static void Take(byte* block, PanelBlock* parts)
    {
        parts->Scale = Unsafe.ReadUnaligned<ushort>(block);
        (Vector256.Load(block + 2) ^ Vector256.Create((byte)128)).Store(parts->Codes);
    }
}
