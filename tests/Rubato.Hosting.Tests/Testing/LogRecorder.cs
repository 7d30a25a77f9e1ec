using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Rubato.Hosting.Tests.Testing;

/// <summary>Keeps what the server logs.</summary>
internal sealed class LogRecorder : ILoggerProvider
{
    public ConcurrentQueue<(LogLevel Level, string Message, Exception? Error)> Entries { get; } = [];

    /// <summary>What was logged about requests to a path.</summary>
    public IEnumerable<(LogLevel Level, string Message, Exception? Error)> About(string path) =>
        Entries.Where(entry => entry.Level >= LogLevel.Information && entry.Message.Contains($" {path} ", StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Recorder(LogRecorder owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => category.StartsWith("Rubato", StringComparison.Ordinal);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                owner.Entries.Enqueue((logLevel, formatter(state, exception), exception));
            }
        }
    }
}
