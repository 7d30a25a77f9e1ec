using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Hosting.Http;
using Rubato.Hosting.Output;
using Rubato.Models.Chat;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The body of POST /v1/responses, in the subset that a model without memory can answer.</summary>
internal sealed record ResponsesRequest
{
    private const int MetadataMax = 16;

    /// <summary>What would change the answer and is not implemented: refused, never ignored.</summary>
    private static readonly string[] Refused =
        ["previous_response_id", "conversation", "prompt", "reasoning", "include", "top_logprobs", "background", "store"];

    /// <summary>What it shares with the other routes.</summary>
    public required GenerationFields Fields { get; init; }

    /// <summary>The conversation, instructions first; at least one message.</summary>
    public required ImmutableArray<ChatMessage> Messages { get; init; }

    /// <summary>Shown again in the response.</summary>
    public required string? Instructions { get; init; }

    /// <summary>Limit on generated tokens; null for whatever fits.</summary>
    public required int? OutputTokensMax { get; init; }

    /// <summary>What the client wants of the form of the answer.</summary>
    public required OutputRequest Output { get; init; }

    /// <summary>Shown again in the response.</summary>
    public required ResponsesEcho Echo { get; init; }

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

        if (fields.OptionalString("truncation") is not (null or "disabled"))
        {
            throw new OpenAiException(OpenAiError.Unsupported("truncation", "'truncation' would change the answer."));
        }

        if (fields.OptionalInteger("n", 1, limits.ChoicesMax) > 1)
        {
            throw new OpenAiException(OpenAiError.Unsupported("n", "A response is one answer."));
        }

        var instructions = fields.OptionalString("instructions");
        var input = ResponsesInput.Read(fields.Required("input"), limits);
        return new ResponsesRequest
        {
            Fields = GenerationFields.Read(fields, limits, RequestForms.Tools),
            Messages = instructions is null ? input : [new ChatMessage("system", instructions), .. input],
            Instructions = instructions,
            OutputTokensMax = (int?)fields.OptionalInteger("max_output_tokens", 1, int.MaxValue),
            Output = ToolFields.Read(fields, ToolShape.Responses, ResponseFormatField.ReadText(fields)),
            Echo = new(fields),
            Metadata = ReadMetadata(fields),
        };
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
