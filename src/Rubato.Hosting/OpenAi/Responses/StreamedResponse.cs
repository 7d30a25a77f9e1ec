using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>A response as server-sent events, one chunk per token, with comments in between while nothing else is to be said.</summary>
/// <remarks>
/// The headers go out at acceptance. A failure midway sends an error event and resets the connection; only a complete stream ends with
/// <c>[DONE]</c>.
/// </remarks>
internal sealed class StreamedResponse
{
    private static readonly byte[] Ping = ": ping\n\n"u8.ToArray();

    private readonly TimeSpan _pingEvery;
    private readonly TimeSpan _stallMax;
    private readonly TimeProvider _time;
    private readonly HttpContext _context;
    private readonly AcceptedGeneration _accepted;
    private readonly Utf8JsonWriter _json;
    private readonly int?[] _textLengths;

    /// <param name="context">The request.</param>
    /// <param name="accepted">What to write.</param>
    /// <param name="limits">The longest silence, and how long a reader may stall.</param>
    /// <param name="time">The clock of both.</param>
    public StreamedResponse(HttpContext context, AcceptedGeneration accepted, ServingLimits limits, TimeProvider time)
    {
        _pingEvery = TimeSpan.FromSeconds(limits.PingSeconds);
        _stallMax = TimeSpan.FromSeconds(limits.ReaderStallSeconds);
        _time = time;
        _context = context;
        _accepted = accepted;
        _json = new Utf8JsonWriter(context.Response.BodyWriter, WholeResponse.JsonOptions);
        _textLengths = new int?[accepted.Generation.Sequences];
    }

    /// <summary>Writes the whole stream.</summary>
    public async Task RunAsync()
    {
        using var pings = new PeriodicTimer(_pingEvery, _time);
        _context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        _context.Response.ContentType = "text/event-stream; charset=utf-8";
        _context.Response.Headers.CacheControl = "no-cache";
        _context.Response.Headers["X-Accel-Buffering"] = "no";
        await FlushAsync().ConfigureAwait(false);
        try
        {
            await PumpAsync(pings).ConfigureAwait(false);
        }
        catch (GenerationFailedException failure)
        {
            await BreakOffAsync(failure).ConfigureAwait(false);
            return;
        }

        if (_accepted.IncludesUsage)
        {
            WriteUsage();
        }

        Write("data: [DONE]\n\n"u8);
        await FlushAsync().ConfigureAwait(false);
    }

    private async Task PumpAsync(PeriodicTimer pings)
    {
        var left = _context.RequestAborted;
        var tick = pings.WaitForNextTickAsync(left).AsTask();
        while (true)
        {
            while (_accepted.Generation.TryRead(out var next))
            {
                WriteEvent(next);
            }

            await FlushAsync().ConfigureAwait(false);
            var more = _accepted.Generation.WaitToReadAsync(left).AsTask();
            while (!more.IsCompleted && await Task.WhenAny(more, tick).ConfigureAwait(false) == tick)
            {
                await tick.ConfigureAwait(false);
                Write(Ping);
                await FlushAsync().ConfigureAwait(false);
                tick = pings.WaitForNextTickAsync(left).AsTask();
            }

            if (!await more.ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private void WriteEvent(GenerationEvent next)
    {
        if (next.End is { } end)
        {
            _accepted.Usage.Add(next.Sequence, end);
        }

        var before = _textLengths[next.Sequence];
        _textLengths[next.Sequence] = (before ?? 0) + next.Text.Length;
        BeginChunk();
        _json.WriteStartArray("choices"u8);
        _accepted.Shape.WriteChunk(_json, next, before ?? 0, before is null);
        _json.WriteEndArray();
        if (_accepted.IncludesUsage)
        {
            _json.WriteNull("usage"u8);
        }

        EndChunk();
    }

    private void WriteUsage()
    {
        BeginChunk();
        _json.WriteStartArray("choices"u8);
        _json.WriteEndArray();
        _accepted.Usage.Write(_json);
        EndChunk();
    }

    private async Task BreakOffAsync(GenerationFailedException failure)
    {
        Write("data: "u8);
        Write(ErrorResponse.Serialize(OpenAiError.ServerError(failure.Message)).Span);
        Write("\n\n"u8);
        await FlushAsync().ConfigureAwait(false);
        _context.Abort();
    }

    private void BeginChunk()
    {
        Write("data: "u8);
        _json.Reset();
        _json.WriteStartObject();
        _accepted.Head.Write(_json, _accepted.Shape.ChunkObject);
    }

    private void EndChunk()
    {
        _json.WriteEndObject();
        _json.Flush();
        Write("\n\n"u8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        var writer = _context.Response.BodyWriter;
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }

    /// <summary>Sends what was written. The web server's own rate limit allows more time with each write, so a stalled reader is judged here.</summary>
    private async Task FlushAsync()
    {
        var flush = _context.Response.BodyWriter.FlushAsync(_context.RequestAborted);
        try
        {
            var flushed = flush.IsCompleted
                ? await flush.ConfigureAwait(false)
                : await flush.AsTask().WaitAsync(_stallMax, _time).ConfigureAwait(false);
            if (!flushed.IsCanceled && !flushed.IsCompleted)
            {
                return;
            }
        }
        catch (TimeoutException)
        {
            _context.Abort();
        }

        throw new OperationCanceledException(_context.RequestAborted);
    }
}
