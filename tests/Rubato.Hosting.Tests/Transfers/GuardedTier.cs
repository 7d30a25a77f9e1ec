using Rubato.Hosting.Transfers;
using Rubato.Hosting.Transfers.Tiers;
using Rubato.Kernels.Memory;

namespace Rubato.Hosting.Tests.Transfers;

/// <summary>A tier that checks, page by page and while copies run, that nothing is written by two or read while it is written.</summary>
internal sealed class GuardedTier(ISwapTier inner, BlockGeometry device) : ISwapTier
{
    private readonly int[] _devicePages = new int[device.Bytes / 4096]; // Readers, or −1 for a writer.
    private readonly int[] _swapPages = new int[inner.Geometry.Bytes / 4096];
    private int _conflicts;

    /// <summary>Meetings of two that should not have met.</summary>
    public int Conflicts => _conflicts;

    public SwapTierKind Kind => inner.Kind;

    public string Name => inner.Name;

    public string Manner => inner.Manner;

    public BlockGeometry Geometry => inner.Geometry;

    public int Threads => inner.Threads;

    public double CopyShare => inner.CopyShare;

    public SliceBorder Border => inner.Border;

    public void Write(NativeRegion region, ReadOnlySpan<CopySegment> segments, CopyScratch scratch)
    {
        Mark(segments, isOut: true, begins: true);
        inner.Write(region, segments, scratch);
        Mark(segments, isOut: true, begins: false);
    }

    public void Read(NativeRegion region, ReadOnlySpan<CopySegment> segments, CopyScratch scratch)
    {
        Mark(segments, isOut: false, begins: true);
        inner.Read(region, segments, scratch);
        Mark(segments, isOut: false, begins: false);
    }

    public void Dispose() => inner.Dispose();

    private void Mark(ReadOnlySpan<CopySegment> segments, bool isOut, bool begins)
    {
        foreach (var segment in segments)
        {
            for (var offset = 0; offset < segment.Bytes; offset += 4096)
            {
                Mark(ref _devicePages[(segment.Device + offset) / 4096], writes: !isOut, begins);
                Mark(ref _swapPages[(segment.Swap + offset) / 4096], writes: isOut, begins);
            }
        }
    }

    private void Mark(ref int page, bool writes, bool begins)
    {
        if (writes)
        {
            if (begins ? Interlocked.CompareExchange(ref page, -1, 0) != 0 : Interlocked.CompareExchange(ref page, 0, -1) != -1)
            {
                Interlocked.Increment(ref _conflicts);
            }
        }
        else if (begins ? Interlocked.Increment(ref page) <= 0 : Interlocked.Decrement(ref page) < 0)
        {
            Interlocked.Increment(ref _conflicts);
        }
    }
}
