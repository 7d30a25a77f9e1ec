using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>A response of /v1/responses as a stream of typed events, numbered from 0.</summary>
/// <remarks>A failure midway is the event <c>response.failed</c>, after which the stream ends.</remarks>
internal sealed class ResponseEvents(HttpContext context, GenerationHandle generation, ResponseObject response, ServingLimits limits, TimeProvider time)
{
    private readonly ServerSentEvents _events = new(context, limits, time);
    private int _next;

    /// <summary>Writes the whole stream.</summary>
    public async Task RunAsync()
    {
        try
        {
            await _events.PumpAsync(generation, WriteBeginning, Take).ConfigureAwait(false);
        }
        catch (GenerationFailedException failure)
        {
            response.Failure = failure.Message;
            WriteState("response.failed", withOutput: true);
            await _events.FlushAsync().ConfigureAwait(false);
            return;
        }

        WriteDone();
        WritePart("response.content_part.done", response.Text);
        WriteItem("response.output_item.done", withText: true);
        WriteState("response." + response.Status, withOutput: true);
        await _events.FlushAsync().ConfigureAwait(false);
    }

    private void WriteBeginning()
    {
        WriteState("response.created", withOutput: false);
        WriteState("response.in_progress", withOutput: false);
        WriteItem("response.output_item.added", withText: false);
        WritePart("response.content_part.added", "");
    }

    private void Take(GenerationEvent next)
    {
        response.Add(next);
        if (next.Text.Length == 0)
        {
            return;
        }

        var json = Begin("response.output_text.delta");
        WritePlace(json);
        json.WriteString("delta"u8, next.Text);
        json.WriteStartArray("logprobs"u8);
        json.WriteEndArray();
        End();
    }

    private void WriteDone()
    {
        var json = Begin("response.output_text.done");
        WritePlace(json);
        json.WriteString("text"u8, response.Text);
        json.WriteStartArray("logprobs"u8);
        json.WriteEndArray();
        End();
    }

    private void WritePart(string type, string text)
    {
        var json = Begin(type);
        WritePlace(json);
        json.WritePropertyName("part"u8);
        ResponseObject.WriteText(json, text);
        End();
    }

    private void WriteItem(string type, bool withText)
    {
        var json = Begin(type);
        json.WriteNumber("output_index"u8, 0);
        json.WritePropertyName("item"u8);
        response.WriteMessage(json, withText);
        End();
    }

    private void WriteState(string type, bool withOutput)
    {
        var json = Begin(type);
        json.WritePropertyName("response"u8);
        response.Write(json, withOutput);
        End();
    }

    private void WritePlace(Utf8JsonWriter json)
    {
        json.WriteString("item_id"u8, response.MessageId);
        json.WriteNumber("output_index"u8, 0);
        json.WriteNumber("content_index"u8, 0);
    }

    private Utf8JsonWriter Begin(string type)
    {
        _events.Write(Encoding.UTF8.GetBytes($"event: {type}\ndata: "));
        _events.Json.Reset();
        _events.Json.WriteStartObject();
        _events.Json.WriteString("type"u8, type);
        _events.Json.WriteNumber("sequence_number"u8, _next++);
        return _events.Json;
    }

    private void End()
    {
        _events.Json.WriteEndObject();
        _events.Json.Flush();
        _events.Write("\n\n"u8);
    }
}
