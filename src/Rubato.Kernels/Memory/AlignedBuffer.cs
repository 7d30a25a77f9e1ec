using System.Runtime.InteropServices;

namespace Rubato.Kernels.Memory;

/// <summary>Zero-initialised native memory aligned to 64 bytes (a cache line, the widest vector), freed by <see cref="Dispose"/>.</summary>
/// <typeparam name="T">A value type without references.</typeparam>
public sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Alignment of the first element in bytes.</summary>
    public const int Alignment = 64;

    private T* _start;

    /// <summary>Allocates <paramref name="length"/> elements, all zero.</summary>
    /// <param name="length">Number of elements, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or its bytes do not fit in 63 bits.</exception>
    /// <exception cref="OutOfMemoryException">The operating system has no such amount of memory.</exception>
    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, (long.MaxValue - Alignment) / sizeof(T));
        Length = length;
        ByteLength = length * sizeof(T);
        _start = (T*)NativeMemory.AlignedAlloc((nuint)Math.Max(ByteLength, 1), Alignment);
        NativeMemory.Clear(_start, (nuint)ByteLength);
        if (ByteLength > 0)
        {
            GC.AddMemoryPressure(ByteLength);
        }
    }

    /// <summary>Frees memory whose owner forgot to dispose.</summary>
    ~AlignedBuffer() => Free();

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>Size in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Address of the first element, for kernels. Keep the buffer reachable while the address is in use.</summary>
    /// <exception cref="ObjectDisposedException">The memory has been freed.</exception>
    public T* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return _start;
        }
    }

    /// <summary>All elements. Keep the buffer reachable while the span is in use.</summary>
    /// <exception cref="OverflowException">The buffer is too long for one span; use <see cref="Slice"/>.</exception>
    public Span<T> Span => new(Pointer, checked((int)Length));

    /// <summary>The elements [<paramref name="offset"/>, <paramref name="offset"/> + <paramref name="length"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stretch does not lie inside the buffer.</exception>
    public Span<T> Slice(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"Elements [{offset}, +{length}) lie outside a buffer of {Length} elements.");
        }

        return new(Pointer + offset, length);
    }

    /// <summary>The buffer's bytes as a read-only region that keeps the buffer from being collected.</summary>
    public MemoryRegion AsRegion() => new((byte*)Pointer, ByteLength, this);

    /// <summary>Frees the memory. Spans and regions of it must not be used any more.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_start is null)
        {
            return;
        }

        NativeMemory.AlignedFree(_start);
        _start = null;
        if (ByteLength > 0)
        {
            GC.RemoveMemoryPressure(ByteLength);
        }
    }
}
