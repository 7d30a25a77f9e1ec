namespace Rubato.Serving.Transfers;

/// <summary>Which of the waiting transfers goes first: all urgent ones before any bulk one, at the border of a slice.</summary>
public enum TransferLane
{
    /// <summary>Somebody waits for it.</summary>
    Urgent,

    /// <summary>Nobody waits for it yet: finished turns, write-through, prefetch.</summary>
    Bulk,
}
