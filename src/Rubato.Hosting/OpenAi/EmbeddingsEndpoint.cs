using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rubato.Hosting.Embeddings;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi.Requests;

namespace Rubato.Hosting.OpenAi;

/// <summary>POST /v1/embeddings.</summary>
internal sealed class EmbeddingsEndpoint(IModelDirectory models, RequestSlots slots, ServingHttpOptions options)
{
    public async Task EmbedAsync(HttpContext context)
    {
        using var slot = slots.Enter(options.Limits);
        EmbeddingsRequest request;
        using (var body = await JsonBody.ReadAsync(context, options.Limits.RequestBodyBytesMax).ConfigureAwait(false))
        {
            request = EmbeddingsRequest.Read(body.RootElement, options.Limits);
        }

        var model = await models.FindAsync(request.Model, context.RequestAborted).ConfigureAwait(false);
        ImmutableArray<ImmutableArray<int>> inputs = [.. request.Inputs.Select(model.Prompts.EncodeWhole)];
        float[][] vectors;
        try
        {
            var caller = ClientIdentity.Of(context, request.User);
            vectors = await Embedder.RunAsync(model.Engine, inputs, caller, request.Urgency.Priority, context.RequestAborted).ConfigureAwait(false);
        }
        catch (RequestRefusedException refusal)
        {
            throw new OpenAiException(OpenAiError.ForOutcome(refusal.Outcome, models, model.Engine.Model.Name, options.Limits.RetryAfterSeconds, "input"));
        }

        if (request.Dimensions > vectors[0].Length)
        {
            throw new OpenAiException(OpenAiError.BadRequest(
                string.Create(CultureInfo.InvariantCulture, $"'dimensions' is {request.Dimensions}; the vectors of this model have {vectors[0].Length}."),
                "dimensions",
                "invalid_value"));
        }

        await WriteAsync(context, request, model.Engine.Model.Name, vectors, inputs.Sum(input => (long)input.Length)).ConfigureAwait(false);
    }

    private static async Task WriteAsync(HttpContext context, EmbeddingsRequest request, string model, float[][] vectors, long tokens)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var i = 0; i < vectors.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "embedding"u8);
            json.WriteNumber("index"u8, i);
            Write(json, Embedder.Shorten(vectors[i], request.Dimensions), request.AsBase64);
            json.WriteEndObject();
            await json.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }

        json.WriteEndArray();
        json.WriteString("model"u8, model);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, tokens);
        json.WriteNumber("total_tokens"u8, tokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, float[] vector, bool asBase64)
    {
        if (asBase64)
        {
            // The machines that this runs on are little-endian, as the format is.
            json.WriteBase64String("embedding"u8, MemoryMarshal.AsBytes(vector.AsSpan()));
            return;
        }

        json.WriteStartArray("embedding"u8);
        foreach (var value in vector)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
