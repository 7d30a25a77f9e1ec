using System.Collections.Immutable;

namespace Rubato.Models.Gguf;

/// <summary>A tensor of a GGUF file: what it is called, how it is shaped and stored, and where its bytes lie.</summary>
/// <param name="name">Name, unique in the file.</param>
/// <param name="dimensions">The file's order: the first runs fastest in memory.</param>
/// <param name="type">How the numbers are stored.</param>
/// <param name="offset">First byte in the file.</param>
/// <param name="byteLength">Number of bytes.</param>
public sealed class GgufTensor(string name, ImmutableArray<long> dimensions, GgmlType type, long offset, long byteLength)
{
    /// <summary>Name, unique in the file.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// Up to four dimensions, each at least 1, in the file's order: the first is the length of a row and runs fastest in
    /// memory. A matrix that other tools call [out, in] reads [in, out] here. Empty for a single number.
    /// </summary>
    public ImmutableArray<long> Dimensions { get; } = dimensions;

    /// <summary>How the numbers are stored.</summary>
    public GgmlType Type { get; } = type;

    /// <summary>Position of the first byte, counted from the start of the file.</summary>
    public long Offset { get; } = offset;

    /// <summary>Number of bytes.</summary>
    public long ByteLength { get; } = byteLength;

    /// <summary>Number of values.</summary>
    public long ElementCount => Dimensions.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Number of values in a row: the first dimension.</summary>
    public long RowLength => Dimensions.IsEmpty ? 1 : Dimensions[0];

    /// <summary>Number of rows: the product of all dimensions but the first.</summary>
    public long RowCount => ElementCount / RowLength;

    /// <summary>Name, dimensions and type for messages.</summary>
    public override string ToString() => $"{Printable.Quote(Name)} [{string.Join(", ", Dimensions)}] {Type}";
}
