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
            response.Output.BreakOff();
            WriteState("response.failed", withOutput: true);
            await _events.FlushAsync().ConfigureAwait(false);
            return;
        }

        WriteState("response." + response.Status, withOutput: true);
        await _events.FlushAsync().ConfigureAwait(false);
    }

    private void WriteBeginning()
    {
        WriteState("response.created", withOutput: false);
        WriteState("response.in_progress", withOutput: false);
        for (var i = 0; i < response.Output.Items.Count; i++)
        {
            WriteItemBeginning(i);
        }
    }

    private void Take(GenerationEvent next)
    {
        foreach (var gain in response.Output.Add(next))
        {
            switch (gain.Kind)
            {
                case ResponseGainKind.Begin:
                    WriteItemBeginning(gain.Item);
                    break;
                case ResponseGainKind.Text:
                    WriteDelta(gain.Item, gain.Text);
                    break;
                default:
                    WriteItemEnd(gain.Item);
                    break;
            }
        }
    }

    private void WriteItemBeginning(int index)
    {
        WriteItem("response.output_item.added", index, withText: false);
        if (response.Output.Items[index].IsMessage)
        {
            WritePart("response.content_part.added", index, "");
        }
    }

    private void WriteDelta(int index, string text)
    {
        var isMessage = response.Output.Items[index].IsMessage;
        var json = Begin(isMessage ? "response.output_text.delta" : "response.function_call_arguments.delta");
        WritePlace(json, index);
        json.WriteString("delta"u8, text);
        WriteNoLogProbabilities(json, isMessage);
        End();
    }

    private void WriteItemEnd(int index)
    {
        var item = response.Output.Items[index];
        if (item.IsMessage)
        {
            var json = Begin("response.output_text.done");
            WritePlace(json, index);
            json.WriteString("text"u8, item.Text);
            WriteNoLogProbabilities(json, isMessage: true);
            End();
            WritePart("response.content_part.done", index, item.Text);
        }
        else if (item.Status == "completed")
        {
            // Arguments that the token limit cut off are no JSON: whoever waits for them to be done must not get them.
            var json = Begin("response.function_call_arguments.done");
            WritePlace(json, index);
            json.WriteString("name"u8, item.Function);
            json.WriteString("arguments"u8, item.Text);
            End();
        }

        WriteItem("response.output_item.done", index, withText: true);
    }

    private static void WriteNoLogProbabilities(Utf8JsonWriter json, bool isMessage)
    {
        if (isMessage)
        {
            json.WriteStartArray("logprobs"u8);
            json.WriteEndArray();
        }
    }

    private void WritePart(string type, int index, string text)
    {
        var json = Begin(type);
        WritePlace(json, index);
        json.WritePropertyName("part"u8);
        ResponseItem.WritePart(json, text);
        End();
    }

    private void WriteItem(string type, int index, bool withText)
    {
        var json = Begin(type);
        json.WriteNumber("output_index"u8, index);
        json.WritePropertyName("item"u8);
        response.Output.Items[index].Write(json, withText);
        End();
    }

    private void WriteState(string type, bool withOutput)
    {
        var json = Begin(type);
        json.WritePropertyName("response"u8);
        response.Write(json, withOutput);
        End();
    }

    private void WritePlace(Utf8JsonWriter json, int index)
    {
        var item = response.Output.Items[index];
        json.WriteString("item_id"u8, item.Id);
        json.WriteNumber("output_index"u8, index);
        if (item.IsMessage)
        {
            json.WriteNumber("content_index"u8, 0);
        }
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
