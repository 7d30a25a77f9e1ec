using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Hosting.Http;
using Rubato.Hosting.Output;
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
    /// <summary>What the client wants of the form of the answer.</summary>
    public OutputRequest Output { get; init; } = OutputRequest.Text;

    /// <exception cref="OpenAiException">The body breaks a rule.</exception>
    public static ChatRequest Read(JsonElement body, ServingLimits limits)
    {
        var fields = new JsonFields(body);
        var older = fields.OptionalInteger("max_tokens", 1, int.MaxValue);
        var newer = fields.OptionalInteger("max_completion_tokens", 1, int.MaxValue);
        return new ChatRequest(
            GenerationFields.Read(fields, limits, RequestForms.ResponseFormat | RequestForms.Tools), ReadMessages(fields, limits), (int?)(newer ?? older), ReadLogProbabilities(fields))
        {
            Output = ToolFields.Read(fields, ToolShape.Chat, ResponseFormatField.Read(fields)),
        };
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
        return [.. items.EnumerateArray().Select((item, i) => MessageField.Read(item, $"messages[{i}]"))];
    }
}
