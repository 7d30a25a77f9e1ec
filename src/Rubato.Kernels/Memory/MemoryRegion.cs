using System.Runtime.CompilerServices;

namespace Rubato.Kernels.Memory;

/// <summary>A read-only stretch of memory outside the managed heap, of any length; every slice is bounds-checked.</summary>
/// <remarks>
/// A region keeps its owner from being collected, but not from being disposed: after the owner's <c>Dispose</c> the memory is
/// gone and reading it ends the process. Whoever disposes an owner answers for all regions and spans made from it.
/// </remarks>
public readonly unsafe struct MemoryRegion
{
    private readonly byte* _start;
    private readonly object? _owner;

    internal MemoryRegion(byte* start, long length, object owner)
    {
        _start = start;
        _owner = owner;
        Length = length;
    }

    /// <summary>Length in bytes; zero for the default value.</summary>
    public long Length { get; }

    /// <summary>Address of the first byte, for kernels; null when the region is empty.</summary>
    public byte* Pointer => _start;

    /// <summary>The bytes [<paramref name="offset"/>, <paramref name="offset"/> + <paramref name="length"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stretch does not lie inside the region.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        CheckBounds(offset, length);
        return new(_start + offset, length);
    }

    /// <summary>The region of the bytes [<paramref name="offset"/>, <paramref name="offset"/> + <paramref name="length"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stretch does not lie inside the region.</exception>
    public MemoryRegion Slice(long offset, long length)
    {
        CheckBounds(offset, length);
        return new(_start + offset, length, _owner!);
    }

    /// <summary>The whole region as values of <typeparamref name="T"/> in the machine's byte order.</summary>
    /// <exception cref="InvalidOperationException">The length is no multiple of the value's size, or too long for one span.</exception>
    public ReadOnlySpan<T> AsSpan<T>()
        where T : unmanaged
    {
        var (count, rest) = Math.DivRem(Length, sizeof(T));
        if (rest != 0 || count > int.MaxValue)
        {
            throw new InvalidOperationException(
                $"A region of {Length} bytes is not one span of {typeof(T).Name} ({sizeof(T)} bytes each).");
        }

        return new(_start, (int)count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckBounds(long offset, long length)
    {
        // Both are tested for sign first: offset + length could wrap around, Length - length cannot.
        if (offset < 0 || length < 0 || length > Length || offset > Length - length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"Bytes [{offset}, +{length}) lie outside a region of {Length} bytes.");
        }
    }
}
