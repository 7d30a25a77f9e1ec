namespace Rubato.Kernels.MatrixProducts;

/// <summary>How the numbers of a weight matrix are stored. Each stands for 32-bit floats exactly.</summary>
/// <remarks>
/// A block of the quantised formats holds small codes q, and scales: d (and m) in half precision, in the formats with a K also
/// 4- to 8-bit factors s (and t) of groups of 16 or 32 numbers. Sources: the block layouts of the ggml library.
/// </remarks>
public enum WeightFormat
{
    /// <summary>IEEE single precision, 4 bytes a number.</summary>
    F32,

    /// <summary>IEEE half precision, 2 bytes a number.</summary>
    F16,

    /// <summary>The upper half of a single-precision number, 2 bytes a number.</summary>
    BF16,

    /// <summary>d · q with q in −128…127: 34 bytes for 32 numbers.</summary>
    Q8_0,

    /// <summary>d · q with q in −8…7: 18 bytes for 32 numbers.</summary>
    Q4_0,

    /// <summary>d · q + m with q in 0…15: 20 bytes for 32 numbers.</summary>
    Q4_1,

    /// <summary>d · q with q in −16…15: 22 bytes for 32 numbers.</summary>
    Q5_0,

    /// <summary>d · q + m with q in 0…31: 24 bytes for 32 numbers.</summary>
    Q5_1,

    /// <summary>d · s · q − m · t with q in 0…3 and 4-bit s, t for 16 numbers each: 84 bytes for 256 numbers.</summary>
    Q2_K,

    /// <summary>d · s · q with q in −4…3 and s in −32…31 for 16 numbers each: 110 bytes for 256 numbers.</summary>
    Q3_K,

    /// <summary>d · s · q − m · t with q in 0…15 and 6-bit s, t for 32 numbers each: 144 bytes for 256 numbers.</summary>
    Q4_K,

    /// <summary>d · s · q − m · t with q in 0…31 and 6-bit s, t for 32 numbers each: 176 bytes for 256 numbers.</summary>
    Q5_K,

    /// <summary>d · s · q with q in −32…31 and s in −128…127 for 16 numbers each: 210 bytes for 256 numbers.</summary>
    Q6_K,

    /// <summary>d · q with q one of 16 unevenly spaced numbers in −127…113: 18 bytes for 32 numbers.</summary>
    IQ4_NL,
}
