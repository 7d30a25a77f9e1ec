using Microsoft.Extensions.Logging;

namespace Rubato.Hosting.Http;

/// <summary>What the HTTP server logs.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed.")]
    public static partial void RequestFailed(ILogger log, string method, string path, Exception error);

    [LoggerMessage(EventId = 2, Message = "{Method} {Path} was refused with {Status}: {Reason}")]
    public static partial void RequestRefused(ILogger log, LogLevel level, string method, string path, int status, string reason);
}
