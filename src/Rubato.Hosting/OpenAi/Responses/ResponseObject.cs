using System.Text.Json;
using Rubato.Hosting.OpenAi.Requests;
using Rubato.Serving;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>The response object of /v1/responses as it grows.</summary>
/// <param name="request">What was asked.</param>
/// <param name="model">The model's name.</param>
/// <param name="ids">Makes its identifiers.</param>
/// <param name="createdUnixSeconds">When it was made.</param>
/// <param name="inputTokens">Tokens of the prompt.</param>
/// <param name="output">What the model answers.</param>
internal sealed class ResponseObject(
    ResponsesRequest request, string model, ResponseIds ids, long createdUnixSeconds, int inputTokens, ResponseOutput output)
{
    private readonly string _id = ids.NewId("resp");

    /// <summary>Why it broke off; null when it did not.</summary>
    public string? Failure { get; set; }

    /// <summary>What the model answers.</summary>
    public ResponseOutput Output => output;

    /// <summary>in_progress, completed, incomplete or failed.</summary>
    public string Status => Failure is not null ? "failed" : output.End switch
    {
        null => "in_progress",
        { Reason: FinishReason.Length } => "incomplete",
        _ => "completed",
    };

    /// <summary>Writes the object as a value.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="withOutput">The output is part of it; false at the beginning of a stream.</param>
    public void Write(Utf8JsonWriter json, bool withOutput)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, _id);
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, createdUnixSeconds);
        json.WriteString("status"u8, Status);
        WriteProblems(json);
        json.WriteString("instructions"u8, request.Instructions);
        WriteOptional(json, "max_output_tokens"u8, request.OutputTokensMax);
        json.WriteString("model"u8, model);
        json.WriteStartArray("output"u8);
        foreach (var item in withOutput ? output.Items : [])
        {
            item.Write(json, withText: true);
        }

        json.WriteEndArray();
        json.WriteNull("previous_response_id"u8);
        if (request.Fields.Urgency.Tier is { } tier)
        {
            json.WriteString("service_tier"u8, tier);
        }

        json.WriteBoolean("store"u8, false);
        json.WriteNumber("temperature"u8, request.Fields.Drawing.Temperature);
        request.Echo.Write(json);
        json.WriteNumber("top_p"u8, request.Fields.Drawing.TopP);
        json.WriteString("truncation"u8, "disabled"u8);
        WriteUsage(json);
        json.WriteString("user"u8, request.Fields.User);
        json.WriteStartObject("metadata"u8);
        foreach (var (name, value) in request.Metadata)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteProblems(Utf8JsonWriter json)
    {
        if (Failure is null)
        {
            json.WriteNull("error"u8);
        }
        else
        {
            json.WriteStartObject("error"u8);
            json.WriteString("code"u8, "server_error"u8);
            json.WriteString("message"u8, Failure);
            json.WriteEndObject();
        }

        if (Status != "incomplete")
        {
            json.WriteNull("incomplete_details"u8);
            return;
        }

        json.WriteStartObject("incomplete_details"u8);
        json.WriteString("reason"u8, "max_output_tokens"u8);
        json.WriteEndObject();
    }

    private void WriteUsage(Utf8JsonWriter json)
    {
        if (output.End is not { } end)
        {
            json.WriteNull("usage"u8);
            return;
        }

        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, inputTokens);
        json.WriteStartObject("input_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, end.CachedTokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, end.OutputTokens);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, (long)inputTokens + end.OutputTokens);
        json.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
