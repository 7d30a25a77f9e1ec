using Rubato.Kernels.Memory;

namespace Rubato.Hosting.Transfers.Tiers;

/// <summary>Memory beside the device arena. One thread: the processor does the copying, and computing needs it more.</summary>
internal sealed class RamTier(BlockGeometry geometry) : ISwapTier
{
    private readonly NativeRegion _memory = new(geometry.Bytes);

    public SwapTierKind Kind => SwapTierKind.Ram;

    public string Name => "swap memory";

    public string Manner => "copies of memory";

    public BlockGeometry Geometry => geometry;

    public int Threads => 1;

    public double CopyShare => 0.25;

    public SliceBorder Border => SliceBorder.Size;

    public void Write(NativeRegion device, ReadOnlySpan<CopySegment> segments, CopyScratch scratch)
    {
        foreach (var (from, to, bytes) in segments)
        {
            device.Slice(from, bytes).CopyTo(_memory.Slice(to, bytes));
            scratch.CountCall();
        }
    }

    public void Read(NativeRegion device, ReadOnlySpan<CopySegment> segments, CopyScratch scratch)
    {
        foreach (var (to, from, bytes) in segments)
        {
            _memory.Slice(from, bytes).CopyTo(device.Slice(to, bytes));
            scratch.CountCall();
        }
    }

    public void Dispose() => _memory.Dispose();
}
