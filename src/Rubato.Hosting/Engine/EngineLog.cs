using Microsoft.Extensions.Logging;

namespace Rubato.Hosting.Engine;

/// <summary>What the engine logs.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Error, "Step {Step} failed; its {Count} sequences end with an error.")]
    public static partial void StepFailed(ILogger log, long step, int count, Exception error);

    [LoggerMessage(2, LogLevel.Critical, "The engine failed and takes no more requests.")]
    public static partial void Faulted(ILogger log, Exception error);

    [LoggerMessage(3, LogLevel.Warning, "Recording has stopped, serving goes on: the journal cannot be written.")]
    public static partial void RecordingStopped(ILogger log, Exception error);

    [LoggerMessage(4, LogLevel.Warning, "{Notice}")]
    public static partial void Packing(ILogger log, string notice);
}
