namespace Rubato.Hosting.Transfers;

/// <summary>What a transfer engine has done since it was made.</summary>
internal readonly record struct TransferStatistics
{
    /// <summary>Bytes that left the device, without padding.</summary>
    public long BytesOut { get; init; }

    /// <summary>Bytes that came back, without padding.</summary>
    public long BytesIn { get; init; }

    /// <summary>Copies, runs times planes.</summary>
    public long Copies { get; init; }

    /// <summary>Copies of memory, or calls of the operating system, that were made for them.</summary>
    public long Calls { get; init; }

    /// <summary>Time that I/O threads spent in them, over all threads.</summary>
    public TimeSpan Busy { get; init; }

    /// <summary>Orders that ended as done.</summary>
    public long Done { get; init; }

    /// <summary>Orders that failed.</summary>
    public long Failed { get; init; }

    /// <summary>Orders that were cancelled before their end.</summary>
    public long Cancelled { get; init; }

    /// <summary>Orders that have not ended.</summary>
    public int InFlight { get; init; }
}
