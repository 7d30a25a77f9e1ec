using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Safetensors;

/// <summary>How a safetensors file stores a tensor's numbers; the names are those of the format.</summary>
public enum SafetensorsType
{
    /// <summary>One byte, 0 or 1.</summary>
    BOOL,

    /// <summary>Unsigned 8 bits.</summary>
    U8,

    /// <summary>Signed 8 bits.</summary>
    I8,

    /// <summary>Floating point of 8 bits, 5 of them the exponent.</summary>
    F8_E5M2,

    /// <summary>Floating point of 8 bits, 4 of them the exponent.</summary>
    F8_E4M3,

    /// <summary>Unsigned 16 bits.</summary>
    U16,

    /// <summary>Signed 16 bits.</summary>
    I16,

    /// <summary>Half precision.</summary>
    F16,

    /// <summary>The upper half of single precision.</summary>
    BF16,

    /// <summary>Unsigned 32 bits.</summary>
    U32,

    /// <summary>Signed 32 bits.</summary>
    I32,

    /// <summary>Single precision.</summary>
    F32,

    /// <summary>Unsigned 64 bits.</summary>
    U64,

    /// <summary>Signed 64 bits.</summary>
    I64,

    /// <summary>Double precision.</summary>
    F64,
}

/// <summary>Sizes of the <see cref="SafetensorsType"/>s, and which of them hold weights.</summary>
internal static class SafetensorsTypes
{
    /// <summary>The types whose rows can be read as floats, as one readable list.</summary>
    public const string ReadableNames = "F32, F16, BF16, F64";

    /// <summary>The type of the name, which must be spelled exactly.</summary>
    public static SafetensorsType? Find(string name) =>
        Enum.TryParse<SafetensorsType>(name, out var type) && type.ToString() == name ? type : null;

    public static int Bytes(this SafetensorsType type) => type switch
    {
        <= SafetensorsType.F8_E4M3 => 1,
        <= SafetensorsType.BF16 => 2,
        <= SafetensorsType.F32 => 4,
        _ => 8,
    };

    /// <summary>GGUF's word for the type, or null where weights are not read from it.</summary>
    public static GgmlType? TryGgmlType(this SafetensorsType type) => type switch
    {
        SafetensorsType.F32 => GgmlType.F32,
        SafetensorsType.F16 => GgmlType.F16,
        SafetensorsType.BF16 => GgmlType.BF16,
        SafetensorsType.F64 => GgmlType.F64,
        _ => null,
    };
}
