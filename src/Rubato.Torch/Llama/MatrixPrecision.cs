namespace Rubato.Torch.Llama;

/// <summary>In which numbers a model multiplies matrices.</summary>
public enum MatrixPrecision
{
    /// <summary>32-bit floating point; fast everywhere.</summary>
    Float32,

    /// <summary>bfloat16 factors, float32 sums: about four times as fast on processors with AVX512-BF16 or AMX, slow on others.</summary>
    BFloat16,
}
