using System.Collections.Immutable;

namespace Rubato.Models.Gguf;

/// <summary>Constants and rules that reader and writer share.</summary>
internal static class GgufFormat
{
    internal const uint Version = 3;
    internal const uint AlignmentDefault = 32;
    internal const int DimensionsMax = 4;
    internal const int KeyBytesMax = ushort.MaxValue;
    internal const int TensorNameBytesMax = 64;
    internal const int ArrayDepthMax = 4;

    // Bounds on what a reader makes objects of: a file may be large, but its head is a vocabulary and some numbers. All are many times
    // what published files have.
    internal const int HeadBytesMax = 128 << 20;
    internal const int EntriesMax = 1 << 16;
    internal const int TensorsMax = 1 << 18;
    internal const int ObjectsMax = 4_000_000;

    internal const string AlignmentKey = "general.alignment";
    internal const string QuantizationVersionKey = "general.quantization_version";
    internal const uint QuantizationVersion = 2;

    internal static ReadOnlySpan<byte> Magic => "GGUF"u8;

    /// <summary>Bytes of a tensor, or null and the reason why there can be no such tensor.</summary>
    internal static long? TryTensorBytes(GgmlType type, ImmutableArray<long> dimensions, out string problem)
    {
        var rowLength = dimensions.IsEmpty ? 1 : dimensions[0];
        if (rowLength % type.BlockSize() != 0)
        {
            problem = $"a row of {rowLength} values is no whole number of {type} blocks of {type.BlockSize()} values";
            return null;
        }

        var elements = Int128.One;
        foreach (var dimension in dimensions)
        {
            elements *= dimension; // At most (2⁶³)² here: the product leaves 64 bits before it leaves 128.
            if (elements > long.MaxValue)
            {
                problem = $"the dimensions [{string.Join(", ", dimensions)}] multiply to more than 2⁶³ − 1 values";
                return null;
            }
        }

        var bytes = elements / type.BlockSize() * type.BlockBytes();
        problem = $"[{string.Join(", ", dimensions)}] values of {type} take more than 2⁶³ − 1 bytes";
        return bytes <= long.MaxValue ? (long)bytes : null;
    }
}
