namespace Rubato.Kernels.Simd;

/// <summary>The width of the vectors that a kernel works with. Every width gives the same bits; wider is faster.</summary>
public enum VectorWidth
{
    /// <summary>Plain loops: the definition that the vector forms are tested against.</summary>
    Scalar = 0,

    /// <summary>4 floats (SSE, NEON).</summary>
    Bits128 = 128,

    /// <summary>8 floats (AVX2).</summary>
    Bits256 = 256,

    /// <summary>16 floats (AVX-512).</summary>
    Bits512 = 512,
}
