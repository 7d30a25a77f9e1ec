namespace Rubato.Kernels.Attention;

/// <summary>How keys and values are kept.</summary>
public enum KvFormat
{
    /// <summary>IEEE single precision: attention sees exactly what was computed.</summary>
    F32,

    /// <summary>IEEE half precision: half the memory, each number rounded to 11 significant bits.</summary>
    F16,
}
