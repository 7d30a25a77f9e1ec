using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Transfers;

/// <summary>An order on its way. Jobs are used again, so that in the long run none is allocated.</summary>
internal sealed class TransferJob
{
    public TransferOrder Order { get; private set; } = null!;

    /// <summary>What has been handed to I/O threads.</summary>
    public SliceCursor Cursor;

    /// <summary>Slices handed out.</summary>
    public int Slices { get; set; }

    /// <summary>Slices that are being copied.</summary>
    public int InFlight { get; set; }

    /// <summary>Orders that must end before it starts and have not.</summary>
    public int Waits { get; set; }

    /// <summary>What is left is not to be copied any more.</summary>
    public bool IsDropped { get; set; }

    /// <summary>Its end has been reported.</summary>
    public bool HasEnded { get; set; }

    /// <summary>It stands in a queue.</summary>
    public bool IsQueued { get; set; }

    public long Copies { get; set; }

    public long Bytes { get; set; }

    /// <summary>Why it failed, if it did.</summary>
    public string? Failure { get; set; }

    /// <summary>Jobs that wait for this one.</summary>
    public List<TransferJob> Followers { get; } = [];

    /// <summary>Nothing of it is left to be handed out.</summary>
    public bool IsHandedOut => Cursor.IsAtEnd || IsDropped;

    public void Begin(TransferOrder order)
    {
        Order = order;
        Cursor = default;
        (Slices, InFlight, Waits, Copies, Bytes) = (0, 0, 0, 0, 0);
        (IsDropped, HasEnded, IsQueued, Failure) = (false, false, false, null);
        Followers.Clear();
    }
}
