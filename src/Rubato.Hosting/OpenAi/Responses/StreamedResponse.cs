using Microsoft.AspNetCore.Http;
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
    private readonly HttpContext _context;
    private readonly AcceptedGeneration _accepted;
    private readonly ServerSentEvents _events;
    private readonly int?[] _textLengths;

    /// <param name="context">The request.</param>
    /// <param name="accepted">What to write.</param>
    /// <param name="limits">The longest silence, and how long a reader may stall.</param>
    /// <param name="time">The clock of both.</param>
    public StreamedResponse(HttpContext context, AcceptedGeneration accepted, ServingLimits limits, TimeProvider time)
    {
        _context = context;
        _accepted = accepted;
        _events = new ServerSentEvents(context, limits, time);
        _textLengths = new int?[accepted.Generation.Sequences];
    }

    /// <summary>Writes the whole stream.</summary>
    public async Task RunAsync()
    {
        try
        {
            await _events.PumpAsync(_accepted.Generation, static () => { }, WriteEvent).ConfigureAwait(false);
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

        _events.Write("data: [DONE]\n\n"u8);
        await _events.FlushAsync().ConfigureAwait(false);
    }

    private void WriteEvent(GenerationEvent next)
    {
        if (next.End is { } end)
        {
            _accepted.Usage.Add(next.Sequence, end);
        }

        foreach (var part in _accepted.Shape.Split(next))
        {
            WriteChunk(part);
        }
    }

    private void WriteChunk(GenerationEvent next)
    {
        var before = _textLengths[next.Sequence];
        _textLengths[next.Sequence] = (before ?? 0) + next.Text.Length;
        BeginChunk();
        _events.Json.WriteStartArray("choices"u8);
        _accepted.Shape.WriteChunk(_events.Json, next, before ?? 0, before is null);
        _events.Json.WriteEndArray();
        if (_accepted.IncludesUsage)
        {
            _events.Json.WriteNull("usage"u8);
        }

        EndChunk();
    }

    private void WriteUsage()
    {
        BeginChunk();
        _events.Json.WriteStartArray("choices"u8);
        _events.Json.WriteEndArray();
        _accepted.Usage.Write(_events.Json);
        EndChunk();
    }

    private async Task BreakOffAsync(GenerationFailedException failure)
    {
        _events.Write("data: "u8);
        _events.Write(ErrorResponse.Serialize(OpenAiError.ServerError(failure.Message)).Span);
        _events.Write("\n\n"u8);
        await _events.FlushAsync().ConfigureAwait(false);
        _context.Abort();
    }

    private void BeginChunk()
    {
        _events.Write("data: "u8);
        _events.Json.Reset();
        _events.Json.WriteStartObject();
        _accepted.Head.Write(_events.Json, _accepted.Shape.ChunkObject);
    }

    private void EndChunk()
    {
        _events.Json.WriteEndObject();
        _events.Json.Flush();
        _events.Write("\n\n"u8);
    }
}
