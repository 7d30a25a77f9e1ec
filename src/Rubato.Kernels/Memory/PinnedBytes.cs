using System.Runtime.InteropServices;

namespace Rubato.Kernels.Memory;

/// <summary>A byte array held in place by the garbage collector, seen as a <see cref="MemoryRegion"/>: files that live in memory.</summary>
public sealed unsafe class PinnedBytes : IDisposable
{
    private PinnedGCHandle<byte[]> _handle;
    private readonly MemoryRegion _region;

    /// <summary>Pins <paramref name="bytes"/>; the array is not copied and must not be changed while regions of it are read.</summary>
    public PinnedBytes(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        _handle = new(bytes);
        _region = new((byte*)_handle.GetAddressOfArrayData(), bytes.Length, this);
    }

    /// <summary>Unpins an array whose owner forgot to dispose.</summary>
    ~PinnedBytes() => _handle.Dispose();

    /// <summary>The content.</summary>
    /// <exception cref="ObjectDisposedException">The array is no longer pinned.</exception>
    public MemoryRegion Region
    {
        get
        {
            ObjectDisposedException.ThrowIf(!_handle.IsAllocated, this);
            return _region;
        }
    }

    /// <summary>Lets go of the array. Regions and spans of it must not be used any more.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        GC.SuppressFinalize(this);
    }
}
