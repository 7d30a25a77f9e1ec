using Microsoft.Win32.SafeHandles;
using Rubato.Kernels.Memory;

namespace Rubato.Hosting.Transfers.Tiers;

/// <summary>A file. A slice lies together in it and becomes one call, however scattered it is on the device; two threads keep the disk busy.</summary>
/// <remarks>Nothing is ever flushed: what was swapped is worthless after a crash.</remarks>
internal sealed class FileTier(SwapFile file, BlockGeometry geometry) : ISwapTier
{
    public SwapTierKind Kind => SwapTierKind.File;

    public string Name => $"swap file {file.Path}";

    public string Manner => file.Manner;

    public BlockGeometry Geometry => geometry;

    public int Threads => 2;

    /// <summary>All of it: the disk copies, and the processor waits.</summary>
    public double CopyShare => 1;

    public SliceBorder Border => SliceBorder.SwapGap;

    public void Write(NativeRegion device, ReadOnlySpan<CopySegment> segments, CopyScratch scratch)
    {
        scratch.CountCall();
        if (segments.Length == 1)
        {
            RandomAccess.Write(file.Handle, device.Slice(segments[0].Device, segments[0].Bytes), segments[0].Swap);
            return;
        }

        scratch.Sources.Clear();
        foreach (var segment in segments)
        {
            scratch.Sources.Add(device.Memory(segment.Device, segment.Bytes));
        }

        RandomAccess.Write(file.Handle, scratch.Sources, segments[0].Swap);
    }

    public void Read(NativeRegion device, ReadOnlySpan<CopySegment> segments, CopyScratch scratch)
    {
        scratch.CountCall();
        long read = 0;
        if (segments.Length > 1)
        {
            scratch.Destinations.Clear();
            foreach (var segment in segments)
            {
                scratch.Destinations.Add(device.Memory(segment.Device, segment.Bytes));
            }

            read = RandomAccess.Read(file.Handle, scratch.Destinations, segments[0].Swap);
        }

        // A short answer is legal: the rest is read piece by piece.
        foreach (var segment in segments)
        {
            var done = (int)Math.Min(read, segment.Bytes);
            read -= done;
            ReadRest(file.Handle, device.Slice(segment.Device, segment.Bytes)[done..], segment.Swap + done);
        }
    }

    public void Dispose() => file.Dispose();

    private static void ReadRest(SafeFileHandle handle, Span<byte> rest, long offset)
    {
        while (rest.Length > 0)
        {
            var read = RandomAccess.Read(handle, rest, offset);
            if (read == 0)
            {
                throw new EndOfStreamException($"the file ends at {offset}, {rest.Length} bytes too early");
            }

            rest = rest[read..];
            offset += read;
        }
    }
}
