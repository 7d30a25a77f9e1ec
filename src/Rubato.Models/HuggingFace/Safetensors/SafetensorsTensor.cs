using System.Collections.Immutable;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Safetensors;

/// <summary>A tensor of a safetensors file.</summary>
/// <param name="Name">Unique in the file.</param>
/// <param name="Type">How the numbers are stored, little-endian.</param>
/// <param name="Shape">The format's order: the last dimension runs fastest in memory. Empty for a single number.</param>
/// <param name="Offset">First byte, counted from the start of the file.</param>
/// <param name="ByteLength">Number of bytes.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, ImmutableArray<long> Shape, long Offset, long ByteLength)
{
    /// <summary>Number of values in a row: the last dimension, 1 without one.</summary>
    public long RowLength => Shape.IsEmpty ? 1 : Shape[^1];

    /// <summary>Number of rows: the product of all dimensions but the last.</summary>
    public long RowCount => Shape.IsEmpty ? 1 : Shape[..^1].Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Name, shape and type for messages.</summary>
    public override string ToString() => $"{Printable.Quote(Name)} [{string.Join(", ", Shape)}] {Type}";
}
