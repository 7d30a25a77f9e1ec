using System.Collections.Immutable;
using System.Text.Json;

namespace Rubato.Core;

/// <summary>Writes a timeline in the Trace Event JSON format, which Perfetto and chrome://tracing open.</summary>
/// <remarks>
/// Streaming: memory does not grow with the trace. After <see cref="Dispose"/> the stream holds valid JSON, however few events were
/// written. The format counts in microseconds; instants are written with three decimals, exact to the nanosecond. Not thread-safe.
/// </remarks>
public sealed class ChromeTraceWriter : ITraceSink, IDisposable
{
    private const int FlushBytes = 1 << 15;
    private readonly Utf8JsonWriter _json;
    private bool _disposed;

    /// <summary>Starts a trace on <paramref name="stream"/>, which stays the caller's.</summary>
    public ChromeTraceWriter(Stream stream)
    {
        _json = new(stream);
        _json.WriteStartObject();
        _json.WriteString("displayTimeUnit", "ms");
        _json.WriteStartArray("traceEvents");
    }

    /// <inheritdoc/>
    public void Write(TraceEvent traceEvent)
    {
        ArgumentNullException.ThrowIfNull(traceEvent);
        ObjectDisposedException.ThrowIf(_disposed, this);
        _json.WriteStartObject();
        switch (traceEvent)
        {
            case TraceSpan span:
                WriteHead("X", span.Name, span.Category, span.Start);
                WriteMicroseconds("dur", span.Duration.Nanoseconds);
                WriteArguments(span.Arguments);
                break;
            case TraceMark mark:
                WriteHead("i", mark.Name, mark.Category, mark.At);
                _json.WriteString("s", "t");
                WriteArguments(mark.Arguments);
                break;
            case TraceCounter counter:
                WriteHead("C", counter.Name, "", counter.At);
                WriteArguments(counter.Series);
                break;
            case TraceFlow flow:
                WriteFlow(flow);
                break;
            case TraceTrackName name:
                _json.WriteString("ph", "M");
                _json.WriteString("name", name.NamesProcess ? "process_name" : "thread_name");
                WriteArguments([new("name", name.Name)]);
                break;
            default:
                throw new ArgumentException($"The format has no event for {traceEvent.GetType().Name}.", nameof(traceEvent));
        }

        _json.WriteNumber("pid", traceEvent.Track.Process);
        _json.WriteNumber("tid", traceEvent.Track.Thread);
        _json.WriteEndObject();
        if (_json.BytesPending > FlushBytes)
        {
            _json.Flush();
        }
    }

    /// <summary>Ends the trace and flushes it; the stream stays open.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _json.WriteEndArray();
            _json.WriteEndObject();
            _json.Dispose();
        }
    }

    private void WriteFlow(TraceFlow flow)
    {
        WriteHead(flow.Phase switch { TraceFlowPhase.Start => "s", TraceFlowPhase.Step => "t", _ => "f" }, flow.Name, "flow", flow.At);
        _json.WriteNumber("id", flow.FlowId);
        if (flow.Phase == TraceFlowPhase.End)
        {
            // Attach the arrow to the span around the instant, not to the next one.
            _json.WriteString("bp", "e");
        }
    }

    private void WriteHead(string phase, string name, string category, Instant at)
    {
        _json.WriteString("ph", phase);
        _json.WriteString("name", name);
        if (category.Length > 0)
        {
            _json.WriteString("cat", category);
        }

        WriteMicroseconds("ts", at.Nanoseconds);
    }

    private void WriteMicroseconds(string property, long nanoseconds) => _json.WriteNumber(property, nanoseconds / 1000m);

    private void WriteArguments(ImmutableArray<TraceArgument> arguments)
    {
        if (arguments.IsDefaultOrEmpty)
        {
            return;
        }

        _json.WriteStartObject("args");
        foreach (var argument in arguments)
        {
            if (argument.Text is { } text)
            {
                _json.WriteString(argument.Name, text);
            }
            else
            {
                _json.WriteNumber(argument.Name, argument.Number);
            }
        }

        _json.WriteEndObject();
    }
}
