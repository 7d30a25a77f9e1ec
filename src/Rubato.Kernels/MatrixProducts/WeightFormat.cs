namespace Rubato.Kernels.MatrixProducts;

/// <summary>How the numbers of a weight matrix are stored. Each stands for 32-bit floats exactly.</summary>
public enum WeightFormat
{
    /// <summary>IEEE single precision, 4 bytes a number.</summary>
    F32,

    /// <summary>IEEE half precision, 2 bytes a number.</summary>
    F16,

    /// <summary>The upper half of a single-precision number, 2 bytes a number.</summary>
    BF16,

    /// <summary>Blocks of 32 signed bytes with one half-precision scale before them, 34 bytes for 32 numbers.</summary>
    Q8_0,
}

/// <summary>Sizes of the weight formats.</summary>
public static class WeightFormats
{
    /// <summary>Numbers in a block of <see cref="WeightFormat.Q8_0"/>.</summary>
    public const int Q8BlockLength = 32;

    /// <summary>Bytes in a block of <see cref="WeightFormat.Q8_0"/>: the scale, then the numbers.</summary>
    public const int Q8BlockBytes = 34;

    /// <summary>Bytes of a row of <paramref name="inputs"/> numbers.</summary>
    /// <exception cref="ArgumentException">The row does not consist of whole blocks.</exception>
    public static long RowBytes(this WeightFormat format, int inputs) => format switch
    {
        WeightFormat.F32 => 4L * inputs,
        WeightFormat.F16 or WeightFormat.BF16 => 2L * inputs,
        WeightFormat.Q8_0 when inputs % Q8BlockLength == 0 => (long)inputs / Q8BlockLength * Q8BlockBytes,
        WeightFormat.Q8_0 => throw new ArgumentException($"A row of {inputs} numbers is not a whole number of Q8_0 blocks of 32."),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Unknown weight format."),
    };
}
