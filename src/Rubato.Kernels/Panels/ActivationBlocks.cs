using System.Runtime.CompilerServices;

namespace Rubato.Kernels.Panels;

/// <summary>Activations in signed bytes: number i of block b of a row is scale[b] · code[i], a code lies in −127 … 127.</summary>
internal readonly unsafe struct ActivationBlocks(float* memory, int tokens, int inputs, ActivationKind kind)
{
    /// <summary>How blocks and groups are cut.</summary>
    public readonly ActivationKind Kind = kind;

    /// <summary>Codes of a row, [tokens, inputs].</summary>
    public sbyte* Codes(int token) => (sbyte*)memory + ((nint)token * inputs);

    /// <summary>Scales of a row, [tokens, inputs / block length].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Scales(int token) => memory + ((nint)tokens * inputs / 4) + ((nint)token * (inputs / Kind.BlockLength()));

    /// <summary>Sums of codes of a row, [tokens, inputs / group length].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Sums(int token) =>
        (int*)(memory + ((nint)tokens * inputs / 4) + ((nint)tokens * (inputs / Kind.BlockLength()))) + ((nint)token * (inputs / Kind.GroupLength()));

    /// <summary>Memory for all of them, in floats, a multiple of 16.</summary>
    public static int Floats(int tokens, int inputs, ActivationKind kind) => checked(
        (((tokens * inputs / 4) + (tokens * (inputs / kind.BlockLength())) + (tokens * (inputs / kind.GroupLength()))) + 15) & ~15);
}

/// <summary>How activations are cut: numbers that share a scale, numbers whose codes are summed.</summary>
internal enum ActivationKind
{
    /// <summary>A scale and a sum for 32 numbers.</summary>
    Blocks32,

    /// <summary>A scale for 256 numbers, a sum for 32.</summary>
    Blocks256Groups32,

    /// <summary>A scale for 256 numbers, a sum for 16.</summary>
    Blocks256Groups16,
}

/// <summary>Sizes of kinds of activations.</summary>
internal static class ActivationKinds
{
    /// <summary>Number of kinds.</summary>
    public const int Count = 3;

    public static int BlockLength(this ActivationKind kind) => kind == ActivationKind.Blocks32 ? 32 : 256;

    public static int GroupLength(this ActivationKind kind) => kind == ActivationKind.Blocks256Groups16 ? 16 : 32;

    /// <summary>The kind that a format multiplies with.</summary>
    public static ActivationKind Of<TFormat>()
        where TFormat : IPanelFormat =>
        TFormat.BlockLength == 32 ? ActivationKind.Blocks32
        : TFormat.GroupLength == 32 ? ActivationKind.Blocks256Groups32
        : ActivationKind.Blocks256Groups16;
}
