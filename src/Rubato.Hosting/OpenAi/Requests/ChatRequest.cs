using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Hosting.Http;
using Rubato.Models.Chat;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The body of POST /v1/chat/completions.</summary>
/// <param name="Fields">What it shares with completions.</param>
/// <param name="Messages">The conversation; at least one message.</param>
/// <param name="OutputTokensMax">Limit on generated tokens; null for whatever fits.</param>
/// <param name="LogProbabilityCount">Alternatives per token; null for no log-probabilities.</param>
internal sealed record ChatRequest(
    GenerationFields Fields, ImmutableArray<ChatMessage> Messages, int? OutputTokensMax, int? LogProbabilityCount)
{
    /// <exception cref="OpenAiException">The body breaks a rule.</exception>
    public static ChatRequest Read(JsonElement body, ServingLimits limits)
    {
        var fields = new JsonFields(body);
        var older = fields.OptionalInteger("max_tokens", 1, int.MaxValue);
        var newer = fields.OptionalInteger("max_completion_tokens", 1, int.MaxValue);
        return new ChatRequest(
            GenerationFields.Read(fields, limits), ReadMessages(fields, limits), (int?)(newer ?? older), ReadLogProbabilities(fields));
    }

    private static int? ReadLogProbabilities(JsonFields fields)
    {
        var wanted = fields.OptionalBoolean("logprobs");
        var count = (int?)fields.OptionalInteger("top_logprobs", 0, 20);
        if (!wanted && count > 0)
        {
            throw new OpenAiException(OpenAiError.BadRequest("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs", "invalid_value"));
        }

        return wanted ? count ?? 0 : null;
    }

    /// <summary>Reads a conversation.</summary>
    /// <exception cref="OpenAiException">It breaks a rule.</exception>
    public static ImmutableArray<ChatMessage> ReadMessages(JsonFields fields, ServingLimits limits)
    {
        var items = JsonFields.Array(fields.Required("messages"), "messages", limits.MessagesMax);
        return [.. items.EnumerateArray().Select((item, i) => ReadMessage(item, $"messages[{i}]"))];
    }

    private static ChatMessage ReadMessage(JsonElement item, string path)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType(path, "an object", item);
        }

        var fields = new JsonFields(item, path);
        var role = JsonFields.Text(fields.Required("role"), fields.PathOf("role")) switch
        {
            "system" or "developer" => "system",
            "user" => "user",
            "assistant" => "assistant",
            _ => throw new OpenAiException(OpenAiError.BadRequest(
                $"'{fields.PathOf("role")}' must be system, developer, user or assistant.", fields.PathOf("role"), "invalid_value")),
        };
        if (fields.Optional("tool_calls") is not null)
        {
            throw new OpenAiException(OpenAiError.Unsupported(fields.PathOf("tool_calls"), "Tool calls would change the answer."));
        }

        return new ChatMessage(role, MessageContent.Read(fields.Required("content"), fields.PathOf("content")));
    }
}
