using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>Reads a request body as one JSON object, within limits on its size and depth.</summary>
internal static class JsonBody
{
    /// <summary>Deepest nesting accepted; a schema takes two levels for each level of its values, and a function's a few around it.</summary>
    public const int DepthMax = 64;

    /// <summary>How many times the limit the web server takes from a client before it closes the connection.</summary>
    public const int DiscardFactor = 16;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = DepthMax, AllowDuplicateProperties = false };

    /// <exception cref="OpenAiException">The body is not a JSON object within the limits.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpContext context, long bytesMax)
    {
        CheckContentType(context.Request);
        var bytes = await ReadBytesAsync(context, bytesMax).ConfigureAwait(false);
        return Parse(bytes);
    }

    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            throw new OpenAiException(OpenAiError.BadRequest("The request body is empty; it must be a JSON object.", null, "invalid_json"));
        }

        if (!Utf8.IsValid(bytes.Span))
        {
            throw new OpenAiException(OpenAiError.BadRequest("The request body is not valid UTF-8.", null, "invalid_json"));
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(bytes, Options);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new OpenAiException(OpenAiError.BadRequest(Explain(error), null, "invalid_json"));
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        document.Dispose();
        throw new OpenAiException(OpenAiError.BadRequest("The request body must be a JSON object.", null, "invalid_json"));
    }

    private static string Explain(Exception error) => error is JsonException { LineNumber: { } line, BytePositionInLine: { } column }
        ? $"The request body is not valid JSON (line {line + 1}, byte {column + 1}), nests deeper than {DepthMax}, or repeats a key."
        : "The request body is not valid JSON, or it repeats a key.";

    private static void CheckContentType(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new OpenAiException(OpenAiError.UnsupportedMediaType("The content type must be application/json."));
        }

        if (type.CharSet is { } charset && !string.Equals(charset.Trim('"'), "utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw new OpenAiException(OpenAiError.UnsupportedMediaType("The character set must be utf-8."));
        }

        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw new OpenAiException(OpenAiError.UnsupportedMediaType("Compressed request bodies are not taken; leave Content-Encoding out."));
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpContext context, long bytesMax)
    {
        var reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
                if (read.Buffer.Length > bytesMax)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    await DiscardAsync(context, bytesMax).ConfigureAwait(false);
                    throw new OpenAiException(OpenAiError.BodyTooLarge(bytesMax));
                }

                if (read.IsCompleted)
                {
                    var bytes = read.Buffer.ToArray();
                    reader.AdvanceTo(read.Buffer.End);
                    return bytes;
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new OpenAiException(OpenAiError.BodyTooLarge(bytesMax));
        }
    }

    /// <summary>Reads on for a while, so that a client that sends first and reads then gets the refusal and not a reset.</summary>
    private static async Task DiscardAsync(HttpContext context, long bytesMax)
    {
        var reader = context.Request.BodyReader;
        for (var left = bytesMax * DiscardFactor; left > 0;)
        {
            var read = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            left -= read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
