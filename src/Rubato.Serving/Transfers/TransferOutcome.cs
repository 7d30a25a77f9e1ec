namespace Rubato.Serving.Transfers;

/// <summary>How a transfer ended.</summary>
public enum TransferOutcome
{
    /// <summary>Every block of it is where it should be.</summary>
    Done,

    /// <summary>A read or write failed: none of its destinations may be believed.</summary>
    Failed,

    /// <summary>It was cancelled before its end: none of its destinations may be believed.</summary>
    Cancelled,
}
