using Rubato.Kernels.Memory;

namespace Rubato.Hosting.Transfers.Tiers;

/// <summary>The far side of transfers: an arena of blocks of the same shape as the device's. Several threads copy at once, never the same bytes.</summary>
internal interface ISwapTier : IDisposable
{
    /// <summary>Which tier it is.</summary>
    SwapTierKind Kind { get; }

    /// <summary>What messages call it.</summary>
    string Name { get; }

    /// <summary>How it copies, in a few words.</summary>
    string Manner { get; }

    /// <summary>Where its blocks lie.</summary>
    BlockGeometry Geometry { get; }

    /// <summary>I/O threads that suit it.</summary>
    int Threads { get; }

    /// <summary>The share of its time that a thread should copy while the model computes.</summary>
    double CopyShare { get; }

    /// <summary>What it wants slices to be.</summary>
    SliceBorder Border { get; }

    /// <summary>Copies from the device.</summary>
    /// <exception cref="IOException">It did not work.</exception>
    void Write(NativeRegion device, ReadOnlySpan<CopySegment> segments, CopyScratch scratch);

    /// <summary>Copies to the device.</summary>
    /// <exception cref="IOException">It did not work.</exception>
    void Read(NativeRegion device, ReadOnlySpan<CopySegment> segments, CopyScratch scratch);
}
