using System.Collections.Frozen;

namespace Rubato.Models.Gguf;

/// <summary>Sizes of the <see cref="GgmlType"/>s: values come in blocks of a fixed count and a fixed number of bytes.</summary>
public static class GgmlTypeInfo
{
    private const int Half = 2; // bytes of the 16-bit scale that most blocks begin or end with
    private const int Super = 256; // values in a block of the "K", "IQ" and "TQ" families

    private static readonly FrozenDictionary<GgmlType, Block> Blocks = new Dictionary<GgmlType, Block>
    {
        [GgmlType.F32] = new(1, 4),
        [GgmlType.F16] = new(1, 2),
        [GgmlType.BF16] = new(1, 2),
        [GgmlType.F64] = new(1, 8),
        [GgmlType.I8] = new(1, 1),
        [GgmlType.I16] = new(1, 2),
        [GgmlType.I32] = new(1, 4),
        [GgmlType.I64] = new(1, 8),
        [GgmlType.Q4_0] = new(32, Half + 16),
        [GgmlType.Q4_1] = new(32, Half + Half + 16),
        [GgmlType.Q5_0] = new(32, Half + 4 + 16),
        [GgmlType.Q5_1] = new(32, Half + Half + 4 + 16),
        [GgmlType.Q8_0] = new(32, Half + 32),
        [GgmlType.Q8_1] = new(32, Half + Half + 32),
        [GgmlType.Q1_0] = new(128, Half + 16),
        [GgmlType.Q2_0] = new(64, Half + 16),
        [GgmlType.MXFP4] = new(32, 1 + 16),
        [GgmlType.NVFP4] = new(64, 4 + 32),
        [GgmlType.IQ4_NL] = new(32, Half + 16),
        [GgmlType.Q2_K] = new(Super, Half + Half + 16 + 64),
        [GgmlType.Q3_K] = new(Super, Half + 12 + 32 + 64),
        [GgmlType.Q4_K] = new(Super, Half + Half + 12 + 128),
        [GgmlType.Q5_K] = new(Super, Half + Half + 12 + 32 + 128),
        [GgmlType.Q6_K] = new(Super, Half + 16 + 64 + 128),
        [GgmlType.Q8_K] = new(Super, 4 + 32 + 256),
        [GgmlType.IQ1_S] = new(Super, Half + 16 + 32),
        [GgmlType.IQ1_M] = new(Super, 8 + 16 + 32),
        [GgmlType.IQ2_XXS] = new(Super, Half + 64),
        [GgmlType.IQ2_XS] = new(Super, Half + 8 + 64),
        [GgmlType.IQ2_S] = new(Super, Half + 16 + 64),
        [GgmlType.IQ3_XXS] = new(Super, Half + 32 + 64),
        [GgmlType.IQ3_S] = new(Super, Half + 4 + 8 + 32 + 64),
        [GgmlType.IQ4_XS] = new(Super, Half + Half + 4 + 128),
        [GgmlType.TQ1_0] = new(Super, Half + 52),
        [GgmlType.TQ2_0] = new(Super, Half + 64),
    }.ToFrozenDictionary();

    /// <summary>The types whose rows can be read and written here, as one readable list.</summary>
    public const string SupportedNames = "F32, F16, BF16, Q8_0";

    /// <summary>Whether the format publishes this type at all.</summary>
    public static bool IsKnown(GgmlType type) => Blocks.ContainsKey(type);

    /// <summary>Whether rows of this type can be read and written here (see <see cref="GgmlCodec"/>).</summary>
    public static bool IsSupported(this GgmlType type) => type is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 or GgmlType.Q8_0;

    /// <summary>Values per block; a row's length is a multiple of it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is unknown.</exception>
    public static int BlockSize(this GgmlType type) => Find(type).Values;

    /// <summary>Bytes per block.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is unknown.</exception>
    public static int BlockBytes(this GgmlType type) => Find(type).Bytes;

    /// <summary>Bytes of a row of <paramref name="values"/> values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is unknown, or the row is no whole number of blocks.</exception>
    /// <exception cref="OverflowException">The bytes do not fit in 63 bits.</exception>
    public static long RowBytes(this GgmlType type, long values)
    {
        var block = Find(type);
        var (count, rest) = Math.DivRem(values, block.Values);
        if (rest != 0 || values < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(values), values, $"A row of {type} holds a multiple of {block.Values} values.");
        }

        return count * block.Bytes;
    }

    private static Block Find(GgmlType type) => Blocks.TryGetValue(type, out var block)
        ? block
        : throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown ggml type.");

    private readonly record struct Block(int Values, int Bytes);
}
