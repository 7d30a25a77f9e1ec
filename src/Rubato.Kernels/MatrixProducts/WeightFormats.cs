namespace Rubato.Kernels.MatrixProducts;

/// <summary>Sizes of the weight formats.</summary>
public static class WeightFormats
{
    /// <summary>Numbers in a block of <see cref="WeightFormat.Q8_0"/>.</summary>
    public const int Q8BlockLength = 32;

    /// <summary>Bytes in a block of <see cref="WeightFormat.Q8_0"/>: the scale, then the numbers.</summary>
    public const int Q8BlockBytes = 34;

    /// <summary>Numbers in the largest block.</summary>
    public const int BlockLengthMax = 256;

    /// <summary>Numbers in a block; a row consists of whole blocks.</summary>
    public static int BlockLength(this WeightFormat format) => Block(format).Length;

    /// <summary>Bytes in a block.</summary>
    public static int BlockBytes(this WeightFormat format) => Block(format).Bytes;

    /// <summary>Bytes of a row of <paramref name="inputs"/> numbers.</summary>
    /// <exception cref="ArgumentException">The row does not consist of whole blocks.</exception>
    public static long RowBytes(this WeightFormat format, int inputs)
    {
        var (length, bytes) = Block(format);
        return inputs % length == 0
            ? (long)inputs / length * bytes
            : throw new ArgumentException($"A row of {inputs} numbers is not a whole number of {format} blocks of {length}.");
    }

    private static (int Length, int Bytes) Block(WeightFormat format) => format switch
    {
        WeightFormat.F32 => (1, 4),
        WeightFormat.F16 or WeightFormat.BF16 => (1, 2),
        WeightFormat.Q8_0 => (Q8BlockLength, Q8BlockBytes),
        WeightFormat.Q4_0 or WeightFormat.IQ4_NL => (32, 18),
        WeightFormat.Q4_1 => (32, 20),
        WeightFormat.Q5_0 => (32, 22),
        WeightFormat.Q5_1 => (32, 24),
        WeightFormat.Q2_K => (256, 84),
        WeightFormat.Q3_K => (256, 110),
        WeightFormat.Q4_K => (256, 144),
        WeightFormat.Q5_K => (256, 176),
        WeightFormat.Q6_K => (256, 210),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Unknown weight format."),
    };
}
