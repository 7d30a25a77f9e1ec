using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Hosting.Http;
using Rubato.Models.Chat;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The body of POST /v1/responses, in the subset that a model without tools and memory can answer.</summary>
internal sealed record ResponsesRequest
{
    private const int MetadataMax = 16;

    /// <summary>What would change the answer and is not implemented: refused, never ignored.</summary>
    private static readonly string[] Refused =
        ["previous_response_id", "conversation", "prompt", "tools", "reasoning", "include", "top_logprobs", "background", "store"];

    /// <summary>What it shares with the other routes.</summary>
    public required GenerationFields Fields { get; init; }

    /// <summary>The conversation, instructions first; at least one message.</summary>
    public required ImmutableArray<ChatMessage> Messages { get; init; }

    /// <summary>Shown again in the response.</summary>
    public required string? Instructions { get; init; }

    /// <summary>Limit on generated tokens; null for whatever fits.</summary>
    public required int? OutputTokensMax { get; init; }

    /// <summary>Shown again in the response.</summary>
    public required ImmutableArray<KeyValuePair<string, string>> Metadata { get; init; }

    /// <exception cref="OpenAiException">The body breaks a rule.</exception>
    public static ResponsesRequest Read(JsonElement body, ServingLimits limits)
    {
        var fields = new JsonFields(body);
        foreach (var name in Refused)
        {
            if (fields.Optional(name) is { } value && HasEffect(value))
            {
                throw new OpenAiException(OpenAiError.Unsupported(name, $"'{name}' would change the answer, or what is kept of it."));
            }
        }

        RefuseFormat(fields);
        if (fields.OptionalString("truncation") is not (null or "disabled"))
        {
            throw new OpenAiException(OpenAiError.Unsupported("truncation", "'truncation' would change the answer."));
        }

        if (fields.OptionalInteger("n", 1, limits.ChoicesMax) > 1)
        {
            throw new OpenAiException(OpenAiError.Unsupported("n", "A response is one answer."));
        }

        var instructions = fields.OptionalString("instructions");
        var input = ReadInput(fields.Required("input"), limits);
        return new ResponsesRequest
        {
            Fields = GenerationFields.Read(fields, limits),
            Messages = instructions is null ? input : [new ChatMessage("system", instructions), .. input],
            Instructions = instructions,
            OutputTokensMax = (int?)fields.OptionalInteger("max_output_tokens", 1, int.MaxValue),
            Metadata = ReadMetadata(fields),
        };
    }

    private static ImmutableArray<ChatMessage> ReadInput(JsonElement input, ServingLimits limits)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            return [new ChatMessage("user", JsonFields.Text(input, "input"))];
        }

        if (input.ValueKind != JsonValueKind.Array)
        {
            throw JsonFields.WrongType("input", "a string or an array of messages", input);
        }

        var items = JsonFields.Array(input, "input", limits.MessagesMax);
        return [.. items.EnumerateArray().Select((item, i) => ReadItem(item, $"input[{i}]"))];
    }

    private static ChatMessage ReadItem(JsonElement item, string path)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType(path, "an object", item);
        }

        var fields = new JsonFields(item, path);
        if (fields.OptionalString("type") is not (null or "message"))
        {
            throw new OpenAiException(OpenAiError.BadRequest(
                $"'{fields.PathOf("type")}' must be message; this server takes no other items.", fields.PathOf("type"), "unsupported_parameter"));
        }

        var role = JsonFields.Text(fields.Required("role"), fields.PathOf("role")) switch
        {
            "system" or "developer" => "system",
            "user" => "user",
            "assistant" => "assistant",
            _ => throw new OpenAiException(OpenAiError.BadRequest(
                $"'{fields.PathOf("role")}' must be system, developer, user or assistant.", fields.PathOf("role"), "invalid_value")),
        };
        return new ChatMessage(role, MessageContent.Read(fields.Required("content"), fields.PathOf("content")));
    }

    private static void RefuseFormat(JsonFields fields)
    {
        if (fields.Optional("text") is not { } text)
        {
            return;
        }

        if (text.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType("text", "an object", text);
        }

        if (new JsonFields(text, "text").Optional("format") is not { } format)
        {
            return;
        }

        if (format.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType("text.format", "an object", format);
        }

        if (new JsonFields(format, "text.format").OptionalString("type") != "text")
        {
            throw new OpenAiException(OpenAiError.Unsupported("text.format", "'text.format' would change the answer."));
        }
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadMetadata(JsonFields fields)
    {
        if (fields.Optional("metadata") is not { } metadata)
        {
            return [];
        }

        if (metadata.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType("metadata", "an object", metadata);
        }

        var pairs = metadata.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, JsonFields.Text(pair.Value, $"metadata.{pair.Name}"))).ToImmutableArray();
        return pairs.Length <= MetadataMax
            ? pairs
            : throw new OpenAiException(OpenAiError.BadRequest($"'metadata' must have at most {MetadataMax} entries.", "metadata", "invalid_value"));
    }

    /// <summary>Empty, zero and false ask for nothing.</summary>
    private static bool HasEffect(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.False => false,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(property => property.Value.ValueKind != JsonValueKind.Null),
        JsonValueKind.Number => !value.TryGetDouble(out var number) || number != 0,
        _ => true,
    };
}
