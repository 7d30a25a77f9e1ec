using System.Text.Json;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>What one event of a streamed answer holds, whatever else the server's dialect adds.</summary>
/// <param name="HasText">Whether any choice got text, of the answer or of reasoning.</param>
/// <param name="Ended">Whether any choice has a finish reason.</param>
/// <param name="OutputTokens">The server's count of generated tokens, if this event has it.</param>
/// <param name="Error">The server's error, or why this is no chunk of a completion; null when all is well.</param>
internal sealed record StreamChunk(bool HasText, bool Ended, long? OutputTokens, string? Error)
{
    /// <summary>The server's count of prompt tokens, if this event has it.</summary>
    public long? PromptTokens { get; init; }

    /// <summary>How many of them came from a cache, if this event has it.</summary>
    public long? CachedTokens { get; init; }

    public static StreamChunk Parse(string data)
    {
        try
        {
            using var document = JsonDocument.Parse(data);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return new(false, false, null, "a chunk is not the JSON of a completion");
        }
        catch (FormatException error)
        {
            return new(false, false, null, error.Message);
        }
    }

    private static StreamChunk Read(JsonElement chunk)
    {
        if (Find(chunk, "error") is { } error)
        {
            return new(false, false, null, ServerErrors.Message(error));
        }

        var hasText = false;
        var ended = false;
        if (Find(chunk, "choices", JsonValueKind.Array) is { } choices)
        {
            foreach (var choice in choices.EnumerateArray())
            {
                Require(choice, "choices[]", JsonValueKind.Object);
                hasText |= HasTextIn(choice);
                ended |= Find(choice, "finish_reason", JsonValueKind.String) is not null;
            }
        }

        if (Find(chunk, "usage", JsonValueKind.Object) is not { } usage)
        {
            return new(hasText, ended, null, null);
        }

        return new(hasText, ended, Count(usage, "completion_tokens"), null)
        {
            PromptTokens = Count(usage, "prompt_tokens"),
            CachedTokens = Find(usage, "prompt_tokens_details", JsonValueKind.Object) is { } details ? Count(details, "cached_tokens") : null,
        };
    }

    private static long? Count(JsonElement owner, string name) =>
        Find(owner, name, JsonValueKind.Number) is { } number && number.TryGetInt64(out var count) ? count : null;

    private static bool HasTextIn(JsonElement choice) => Find(choice, "delta", JsonValueKind.Object) is { } delta
        ? HasTextOf(delta, "content") | HasTextOf(delta, "reasoning_content") | HasTextOf(delta, "reasoning")
        : HasTextOf(choice, "text");

    private static bool HasTextOf(JsonElement owner, string name) => Find(owner, name, JsonValueKind.String) is { } text && text.GetString() != "";

    /// <summary>A field's value; null when it is absent or null.</summary>
    private static JsonElement? Find(JsonElement owner, string name, JsonValueKind? kind = null)
    {
        if (!owner.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (kind is { } required)
        {
            Require(value, name, required);
        }

        return value;
    }

    private static void Require(JsonElement value, string name, JsonValueKind kind)
    {
        if (value.ValueKind != kind)
        {
            throw new FormatException($"a chunk is malformed: '{name}' is a JSON {value.ValueKind}, not {kind}");
        }
    }
}
