namespace Rubato.Hosting.Transfers;

/// <summary>What an I/O thread copies between two looks at the queue: a part of one order. Each thread fills the same object again and again.</summary>
internal sealed class TransferSlice
{
    private const int SegmentsMax = (1 << 20) / 4096; // A slice holds at most a mebibyte, and no segment less than a page.

    private readonly CopySegment[] _segments = new CopySegment[SegmentsMax];
    private int _count;

    /// <summary>The order; null when there was nothing to do.</summary>
    public TransferJob? Job { get; set; }

    /// <summary>Number of the slice in its order.</summary>
    public int Index { get; set; }

    /// <summary>Runs, each once per plane, whose last block this slice copies.</summary>
    public int Copies { get; set; }

    /// <summary>Bytes that are copied, with what pads the blocks.</summary>
    public int Bytes { get; private set; }

    /// <summary>Bytes that are copied without that.</summary>
    public long PayloadBytes { get; private set; }

    /// <summary>What to copy.</summary>
    public ReadOnlySpan<CopySegment> Segments => _segments.AsSpan(0, _count);

    /// <summary>Whether the bytes at an offset of the swap arena lie right behind those of the slice.</summary>
    public bool IsFollowedBy(long swap) => _count == 0 || End(_segments[_count - 1]).Swap == swap;

    /// <summary>Adds bytes; what follows the last segment on both sides makes it longer.</summary>
    public void Add(CopySegment segment, long payloadBytes)
    {
        if (_count > 0 && End(_segments[_count - 1]) == (segment.Device, segment.Swap))
        {
            _segments[_count - 1] = _segments[_count - 1] with { Bytes = _segments[_count - 1].Bytes + segment.Bytes };
        }
        else
        {
            _segments[_count++] = segment;
        }

        Bytes += segment.Bytes;
        PayloadBytes += payloadBytes;
    }

    public void Clear()
    {
        (Job, Index, Copies, Bytes, PayloadBytes, _count) = (null, 0, 0, 0, 0, 0);
    }

    private static (long Device, long Swap) End(CopySegment segment) => (segment.Device + segment.Bytes, segment.Swap + segment.Bytes);
}
