using System.Collections.Immutable;

namespace Rubato.Models.Gguf;

/// <summary>An array among the metadata; the elements are in <see cref="GgufArray{T}.Items"/>.</summary>
public abstract class GgufArray : IEquatable<GgufArray>
{
    private protected GgufArray(GgufValueType elementType) => ElementType = elementType;

    /// <summary>Type of every element.</summary>
    public GgufValueType ElementType { get; }

    /// <summary>Number of elements.</summary>
    public abstract int Count { get; }

    /// <summary>An array of <paramref name="items"/>.</summary>
    /// <typeparam name="T">A .NET type of <see cref="GgufValueType"/>: an integer, float, double, bool, string or GgufArray.</typeparam>
    /// <exception cref="ArgumentException">There is no such element type in the format.</exception>
    public static GgufArray<T> Of<T>(ImmutableArray<T> items)
        where T : notnull => new(items.IsDefault ? [] : items);

    /// <inheritdoc/>
    public abstract bool Equals(GgufArray? other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GgufArray);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ElementType, Count);
}

/// <summary>An array of elements of one type. Two are equal when type and elements are (NaN equals NaN).</summary>
/// <typeparam name="T">The .NET type of the elements.</typeparam>
public sealed class GgufArray<T> : GgufArray
    where T : notnull
{
    internal GgufArray(ImmutableArray<T> items)
        : base(GgufValue.TypeOf<T>()) => Items = items;

    /// <summary>The elements.</summary>
    public ImmutableArray<T> Items { get; }

    /// <inheritdoc/>
    public override int Count => Items.Length;

    /// <inheritdoc/>
    public override bool Equals(GgufArray? other) => other is GgufArray<T> same && Items.AsSpan().SequenceEqual(same.Items.AsSpan());
}
