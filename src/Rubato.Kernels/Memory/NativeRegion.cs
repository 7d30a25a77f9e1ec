using System.Buffers;
using System.Runtime.InteropServices;

namespace Rubato.Kernels.Memory;

/// <summary>Native memory of any length, zero at first, that begins at a page: arenas that kernels address and input and output read and write.</summary>
/// <remarks>
/// The operating system provides pages when they are first touched, so a large region costs nothing until it is used; large ones ask for
/// huge pages. Spans and memories of a region keep it from being collected only as long as somebody holds the region itself.
/// </remarks>
public sealed unsafe class NativeRegion : IDisposable
{
    /// <summary>Alignment of the first byte; the system's pages are as large or larger.</summary>
    public const int Alignment = 4096;

    /// <summary>The longest stretch that <see cref="Memory"/> gives.</summary>
    public const int MemoryLengthMax = 1 << 30;

    private const int HugePage = 2 << 20;

    private readonly long _allocated;
    private readonly Window[] _windows;
    private byte* _allocation;
    private byte* _start;

    /// <summary>Reserves <paramref name="length"/> bytes.</summary>
    /// <param name="length">At least 1.</param>
    /// <exception cref="OutOfMemoryException">The operating system has no such amount of memory.</exception>
    public NativeRegion(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var alignment = length >= 2 * HugePage ? HugePage : Alignment;
        _allocated = checked(length + alignment);
        Length = length;
        _allocation = (byte*)NativeMemory.AllocZeroed((nuint)_allocated);
        GC.AddMemoryPressure(_allocated);
        _start = (byte*)(((nint)_allocation + alignment - 1) & -alignment);
        if (alignment == HugePage)
        {
            NativePages.AdviseHuge(_start, length);
        }

        _windows = new Window[((length - 1) / MemoryLengthMax) + 1];
        for (var i = 0; i < _windows.Length; i++)
        {
            var offset = (long)i * MemoryLengthMax;
            _windows[i] = new(this, offset, (int)Math.Min(length - offset, int.MaxValue));
        }
    }

    /// <summary>Frees memory whose owner forgot to dispose.</summary>
    ~NativeRegion() => Free();

    /// <summary>Length in bytes.</summary>
    public long Length { get; }

    /// <summary>Address of the first byte, for kernels. Keep the region reachable while the address is in use.</summary>
    /// <exception cref="ObjectDisposedException">The memory has been freed.</exception>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return _start;
        }
    }

    /// <summary>The bytes [<paramref name="offset"/>, <paramref name="offset"/> + <paramref name="length"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stretch does not lie inside the region.</exception>
    public Span<byte> Slice(long offset, int length)
    {
        CheckBounds(offset, length);
        return new(Pointer + offset, length);
    }

    /// <summary>The same stretch in the form that vectored input and output take; allocates nothing.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="length">Its bytes; at most <see cref="MemoryLengthMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The stretch does not lie inside the region, or is longer than that.</exception>
    public Memory<byte> Memory(long offset, int length)
    {
        CheckBounds(offset, length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MemoryLengthMax);
        return _windows[Math.Min(offset / MemoryLengthMax, _windows.Length - 1)].Cut(offset, length);
    }

    /// <summary>Frees the memory. Spans and memories of it must not be used any more.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void CheckBounds(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"Bytes [{offset}, +{length}) lie outside a region of {Length} bytes.");
        }
    }

    private void Free()
    {
        if (_allocation is null)
        {
            return;
        }

        NativeMemory.Free(_allocation);
        GC.RemoveMemoryPressure(_allocated);
        _allocation = null;
        _start = null;
    }

    /// <summary>A memory holds an int: windows that begin a gibibyte apart and are nearly two long hold every stretch of up to one gibibyte.</summary>
    private sealed class Window(NativeRegion owner, long start, int length) : MemoryManager<byte>
    {
        public Memory<byte> Cut(long offset, int count) => CreateMemory((int)(offset - start), count);

        public override Span<byte> GetSpan() => owner.Slice(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(owner.Pointer + start + elementIndex, default, this);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
