using System.Collections.Immutable;
using Rubato.Models.Gguf;

namespace Rubato.Models.Quantization;

/// <summary>What a quantised file holds, beside the file that it was made from.</summary>
public sealed record QuantizationReport
{
    /// <summary>The type that was asked for.</summary>
    public required string Type { get; init; }

    /// <summary>Number of values in all tensors.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Bytes of all tensors before.</summary>
    public required long SourceBytes { get; init; }

    /// <summary>Bytes of all tensors after.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bits per value over all tensors.</summary>
    public double BitsPerWeight => 8.0 * Bytes / ParameterCount;

    /// <summary>Sums per type, the largest first.</summary>
    public required ImmutableArray<QuantizedTypeTotal> Types { get; init; }

    /// <summary>The tensors in the file's order.</summary>
    public required ImmutableArray<QuantizedTensor> Tensors { get; init; }
}

/// <summary>The tensors of one type.</summary>
/// <param name="Type">The type's published name.</param>
/// <param name="TensorCount">Number of tensors.</param>
/// <param name="ParameterCount">Number of values.</param>
/// <param name="Bytes">Number of bytes.</param>
public sealed record QuantizedTypeTotal(string Type, int TensorCount, long ParameterCount, long Bytes)
{
    /// <summary>Bits per value.</summary>
    public double BitsPerWeight => 8.0 * Bytes / ParameterCount;
}

/// <summary>One tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dimensions">In the file's order: the length of a row first.</param>
/// <param name="From">Its type before.</param>
/// <param name="To">Its type after.</param>
/// <param name="Bytes">Its bytes after.</param>
/// <param name="Reason">Why it has that type.</param>
public sealed record QuantizedTensor(
    string Name, ImmutableArray<long> Dimensions, GgmlType From, GgmlType To, long Bytes, QuantizationReason Reason)
{
    /// <summary>Number of values.</summary>
    public long ParameterCount => Dimensions.Aggregate(1L, (product, dimension) => product * dimension);
}
