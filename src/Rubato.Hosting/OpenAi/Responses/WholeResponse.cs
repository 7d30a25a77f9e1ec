using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>A response in one piece, after the last token.</summary>
internal static class WholeResponse
{
    /// <summary>Plain JSON without escapes for characters that need none.</summary>
    public static JsonWriterOptions JsonOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, AcceptedGeneration accepted)
    {
        var choices = new ChoiceText[accepted.Generation.Sequences];
        for (var i = 0; i < choices.Length; i++)
        {
            choices[i] = new ChoiceText(i);
        }

        await foreach (var next in accepted.Generation.WithCancellation(context.RequestAborted).ConfigureAwait(false))
        {
            choices[next.Sequence].Add(next);
            if (next.End is { } end)
            {
                accepted.Usage.Add(next.Sequence, end);
            }
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, JsonOptions);
        json.WriteStartObject();
        accepted.Head.Write(json, accepted.Shape.WholeObject);
        json.WriteStartArray("choices"u8);
        foreach (var choice in choices)
        {
            accepted.Shape.WriteWhole(json, choice);
        }

        json.WriteEndArray();
        accepted.Usage.Write(json);
        json.WriteEndObject();
    }
}
