using System.Collections.Immutable;

namespace Rubato.Models;

/// <summary>A tensor that a configuration calls for.</summary>
/// <param name="Name">One of <see cref="TensorNames"/>.</param>
/// <param name="Dimensions">In the order of GGUF files: the length of a row first.</param>
public readonly record struct ModelTensor(string Name, ImmutableArray<long> Dimensions)
{
    /// <summary>Number of values.</summary>
    public long ElementCount => Dimensions.Aggregate(1L, (product, dimension) => product * dimension);
}
