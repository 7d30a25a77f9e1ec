using Rubato.Kernels.MatrixProducts;

namespace Rubato.Models.Gguf;

/// <summary>Sizes of the <see cref="GgmlType"/>s: values come in blocks of a fixed count and a fixed number of bytes.</summary>
public static class GgmlTypeInfo
{
    private const int Half = 2; // bytes of the 16-bit scale that most blocks begin or end with
    private const int Super = 256; // values in a block of the "K", "IQ" and "TQ" families

    /// <summary>The types whose rows can be read and written here, as one readable list.</summary>
    public const string SupportedNames = "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL";

    /// <summary>Whether the format publishes this type at all.</summary>
    public static bool IsKnown(GgmlType type) => TryFind(type) is not null;

    /// <summary>Whether rows of this type can be read and written here (see <see cref="GgmlCodec"/>).</summary>
    public static bool IsSupported(this GgmlType type) => TryWeightFormat(type) is not null;

    /// <summary>Whether values of this type have been quantised: they come in blocks with scales.</summary>
    public static bool IsQuantized(this GgmlType type) => type.BlockSize() > 1;

    /// <summary>How the kernels call this type, or null where they do not know it.</summary>
    public static WeightFormat? TryWeightFormat(this GgmlType type) => type switch
    {
        GgmlType.F32 => WeightFormat.F32,
        GgmlType.F16 => WeightFormat.F16,
        GgmlType.BF16 => WeightFormat.BF16,
        GgmlType.Q8_0 => WeightFormat.Q8_0,
        GgmlType.Q4_0 => WeightFormat.Q4_0,
        GgmlType.Q4_1 => WeightFormat.Q4_1,
        GgmlType.Q5_0 => WeightFormat.Q5_0,
        GgmlType.Q5_1 => WeightFormat.Q5_1,
        GgmlType.Q2_K => WeightFormat.Q2_K,
        GgmlType.Q3_K => WeightFormat.Q3_K,
        GgmlType.Q4_K => WeightFormat.Q4_K,
        GgmlType.Q5_K => WeightFormat.Q5_K,
        GgmlType.Q6_K => WeightFormat.Q6_K,
        GgmlType.IQ4_NL => WeightFormat.IQ4_NL,
        _ => null,
    };

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

    private static Block Find(GgmlType type) =>
        TryFind(type) ?? throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown ggml type.");

    private static Block? TryFind(GgmlType type) => type switch
    {
        GgmlType.F32 => new Block(1, 4),
        GgmlType.F16 => new Block(1, 2),
        GgmlType.BF16 => new Block(1, 2),
        GgmlType.F64 => new Block(1, 8),
        GgmlType.I8 => new Block(1, 1),
        GgmlType.I16 => new Block(1, 2),
        GgmlType.I32 => new Block(1, 4),
        GgmlType.I64 => new Block(1, 8),
        GgmlType.Q4_0 => new Block(32, Half + 16),
        GgmlType.Q4_1 => new Block(32, Half + Half + 16),
        GgmlType.Q5_0 => new Block(32, Half + 4 + 16),
        GgmlType.Q5_1 => new Block(32, Half + Half + 4 + 16),
        GgmlType.Q8_0 => new Block(32, Half + 32),
        GgmlType.Q8_1 => new Block(32, Half + Half + 32),
        GgmlType.Q1_0 => new Block(128, Half + 16),
        GgmlType.Q2_0 => new Block(64, Half + 16),
        GgmlType.MXFP4 => new Block(32, 1 + 16),
        GgmlType.NVFP4 => new Block(64, 4 + 32),
        GgmlType.IQ4_NL => new Block(32, Half + 16),
        GgmlType.Q2_K => new Block(Super, Half + Half + 16 + 64),
        GgmlType.Q3_K => new Block(Super, Half + 12 + 32 + 64),
        GgmlType.Q4_K => new Block(Super, Half + Half + 12 + 128),
        GgmlType.Q5_K => new Block(Super, Half + Half + 12 + 32 + 128),
        GgmlType.Q6_K => new Block(Super, Half + 16 + 64 + 128),
        GgmlType.Q8_K => new Block(Super, 4 + 32 + 256),
        GgmlType.IQ1_S => new Block(Super, Half + 16 + 32),
        GgmlType.IQ1_M => new Block(Super, 8 + 16 + 32),
        GgmlType.IQ2_XXS => new Block(Super, Half + 64),
        GgmlType.IQ2_XS => new Block(Super, Half + 8 + 64),
        GgmlType.IQ2_S => new Block(Super, Half + 16 + 64),
        GgmlType.IQ3_XXS => new Block(Super, Half + 32 + 64),
        GgmlType.IQ3_S => new Block(Super, Half + 4 + 8 + 32 + 64),
        GgmlType.IQ4_XS => new Block(Super, Half + Half + 4 + 128),
        GgmlType.TQ1_0 => new Block(Super, Half + 52),
        GgmlType.TQ2_0 => new Block(Super, Half + 64),
        _ => null,
    };

    private readonly record struct Block(int Values, int Bytes);
}
