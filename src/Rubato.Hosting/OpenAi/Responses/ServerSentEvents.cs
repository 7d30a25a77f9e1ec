using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>A response body of server-sent events, with comments in between while nothing else is to be said.</summary>
internal sealed class ServerSentEvents
{
    private static readonly byte[] Ping = ": ping\n\n"u8.ToArray();

    private readonly TimeSpan _pingEvery;
    private readonly TimeSpan _stallMax;
    private readonly TimeProvider _time;
    private readonly HttpContext _context;

    /// <param name="context">The request.</param>
    /// <param name="limits">The longest silence, and how long a reader may stall.</param>
    /// <param name="time">The clock of both.</param>
    public ServerSentEvents(HttpContext context, ServingLimits limits, TimeProvider time)
    {
        _pingEvery = TimeSpan.FromSeconds(limits.PingSeconds);
        _stallMax = TimeSpan.FromSeconds(limits.ReaderStallSeconds);
        _time = time;
        _context = context;
        Json = new Utf8JsonWriter(context.Response.BodyWriter, WholeResponse.JsonOptions);
    }

    /// <summary>Writes into the body; reset it before each event.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>Sends the headers, then every event of a generation, as soon as no more is waiting.</summary>
    /// <param name="generation">An admitted generation.</param>
    /// <param name="begin">Writes what comes with the headers.</param>
    /// <param name="write">Writes an event.</param>
    /// <exception cref="GenerationFailedException">The generation broke off.</exception>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public async Task PumpAsync(GenerationHandle generation, Action begin, Action<GenerationEvent> write)
    {
        using var pings = new PeriodicTimer(_pingEvery, _time);
        _context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        _context.Response.ContentType = "text/event-stream; charset=utf-8";
        _context.Response.Headers.CacheControl = "no-cache";
        _context.Response.Headers["X-Accel-Buffering"] = "no";
        begin();
        await FlushAsync().ConfigureAwait(false);
        var left = _context.RequestAborted;
        var tick = pings.WaitForNextTickAsync(left).AsTask();
        while (true)
        {
            while (generation.TryRead(out var next))
            {
                write(next);
            }

            await FlushAsync().ConfigureAwait(false);
            var more = generation.WaitToReadAsync(left).AsTask();
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

    public void Write(ReadOnlySpan<byte> bytes)
    {
        var writer = _context.Response.BodyWriter;
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }

    /// <summary>Sends what was written. The web server's own rate limit allows more time with each write, so a stalled reader is judged here.</summary>
    public async Task FlushAsync()
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
