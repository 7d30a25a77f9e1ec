using Microsoft.Extensions.Logging;

namespace Rubato.Hosting.Transfers;

/// <summary>What the swap tier logs.</summary>
internal static partial class TransferLog
{
    [LoggerMessage(1, LogLevel.Warning, "A swap transfer failed ({Failures} so far); what it moved is computed again: {Failure}")]
    public static partial void Failed(ILogger log, long failures, string failure);

    [LoggerMessage(2, LogLevel.Information, "Swap file {Path}: {Size}, {Mode}; no other process sees it, and it is gone when this one ends.")]
    public static partial void FileReady(ILogger log, string path, string size, string mode);

    [LoggerMessage(3, LogLevel.Warning, "Swap file {Path}: the file system refuses direct I/O, so the page cache holds a second copy of what is swapped.")]
    public static partial void Buffered(ILogger log, string path);

    [LoggerMessage(4, LogLevel.Warning, "Swap memory of {Size} is more than the {Free} that are free now: the machine may run out of memory while it fills.")]
    public static partial void MemoryIsScarce(ILogger log, string size, string free);

    [LoggerMessage(5, LogLevel.Error, "What was told of the end of transfers failed.")]
    public static partial void NotificationFailed(ILogger log, Exception error);
}
