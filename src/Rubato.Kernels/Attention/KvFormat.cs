namespace Rubato.Kernels.Attention;

/// <summary>How keys and values are kept.</summary>
public enum KvFormat
{
    /// <summary>IEEE single precision: attention sees exactly what was computed.</summary>
    F32,

    /// <summary>IEEE half precision: half the memory, each number rounded to 11 significant bits.</summary>
    F16,

    /// <summary>
    /// Signed bytes, 32 to a scale in half precision, as in blocks of <see cref="MatrixProducts.WeightFormat.Q8_0"/>: 27 % of the memory of
    /// single precision, each number off by at most 1/254 of the largest one in its block. A head whose length is no multiple of 32 is
    /// filled up with zeros.
    /// </summary>
    Q8_0,
}
