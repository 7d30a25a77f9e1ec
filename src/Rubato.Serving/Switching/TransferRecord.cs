using Rubato.Core;
using Rubato.Serving.Memory;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Switching;

/// <summary>An ordered transfer that has not ended: what it moves, and who waits for it.</summary>
internal sealed class TransferRecord(long ticket, TransferDirection direction, TransferLane lane, Instant orderedAt)
{
    public long Ticket => ticket;

    public TransferDirection Direction => direction;

    public TransferLane Lane => lane;

    public Instant OrderedAt => orderedAt;

    /// <summary>The request that it is for.</summary>
    public RequestId? Request { get; init; }

    /// <summary>What moves, block by block.</summary>
    public List<KvNode> Nodes { get; } = [];

    /// <summary>The device block of each.</summary>
    public List<DeviceSlot> Slots { get; } = [];

    /// <summary>Transfers that it must come after.</summary>
    public List<TransferRecord> After { get; } = [];

    /// <summary>Sequences that cannot run before it has ended.</summary>
    public List<SequenceState> Waiters { get; } = [];

    /// <summary>Whether what it reads turned out to be missing.</summary>
    public bool IsDoomed { get; set; }

    /// <summary>Whether the driver has been asked to leave out the rest.</summary>
    public bool IsCancelled { get; set; }
}
