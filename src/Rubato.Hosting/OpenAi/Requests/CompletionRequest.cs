using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Hosting.Http;
using Rubato.Hosting.Output;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The body of POST /v1/completions.</summary>
/// <param name="Fields">What it shares with chat completions.</param>
/// <param name="Prompts">At least one prompt: text or token ids.</param>
/// <param name="OutputTokensMax">Limit on generated tokens.</param>
/// <param name="LogProbabilityCount">Alternatives per token; null for none.</param>
internal sealed record CompletionRequest(
    GenerationFields Fields, ImmutableArray<Prompt> Prompts, int OutputTokensMax, int? LogProbabilityCount)
{
    /// <summary>What the client wants of the form of the answers.</summary>
    public OutputRequest Output { get; init; } = OutputRequest.Text;

    /// <summary>The limit on generated tokens when a request names none.</summary>
    public const int OutputTokensDefault = 16;

    /// <exception cref="OpenAiException">The body breaks a rule.</exception>
    public static CompletionRequest Read(JsonElement body, ServingLimits limits)
    {
        var fields = new JsonFields(body);
        return new CompletionRequest(
            GenerationFields.Read(fields, limits, RequestForms.ResponseFormat),
            Prompt.ReadAll(fields.Required("prompt"), "prompt", limits.PromptsMax),
            (int)(fields.OptionalInteger("max_tokens", 1, int.MaxValue) ?? OutputTokensDefault),
            (int?)fields.OptionalInteger("logprobs", 0, 20))
        {
            Output = OutputRequest.Text with { Format = ResponseFormatField.Read(fields) },
        };
    }
}
