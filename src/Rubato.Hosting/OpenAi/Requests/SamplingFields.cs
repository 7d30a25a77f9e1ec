using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Rubato.Serving;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The fields that say how tokens are drawn. Those that OpenAI's API does not have carry the names of vLLM and llama.cpp.</summary>
internal static class SamplingFields
{
    private const int BiasedTokensMax = 1024;

    /// <summary>The parameters without seed and log-probabilities.</summary>
    /// <exception cref="OpenAiException">A field breaks its rule.</exception>
    public static SamplingParameters Read(JsonFields fields) => new()
    {
        Temperature = fields.OptionalNumber("temperature", 0, 2) ?? 1,
        TopP = fields.OptionalNumber("top_p", double.Epsilon, 1) ?? 1,
        TopK = Math.Max(0, (int)(fields.OptionalInteger("top_k", -1, int.MaxValue) ?? 0)),
        MinP = fields.OptionalNumber("min_p", 0, 1) ?? 0,
        TypicalP = fields.OptionalNumber("typical_p", double.Epsilon, 1) ?? 1,
        RepetitionPenalty = ReadRepetitionPenalty(fields),
        PresencePenalty = fields.OptionalNumber("presence_penalty", -2, 2) ?? 0,
        FrequencyPenalty = fields.OptionalNumber("frequency_penalty", -2, 2) ?? 0,
        LogitBias = ReadLogitBias(fields),
    };

    private static double ReadRepetitionPenalty(JsonFields fields)
    {
        var penalty = fields.OptionalNumber("repetition_penalty", 0.01, 100);
        var other = fields.OptionalNumber("repeat_penalty", 0.01, 100);
        return penalty is null || other is null || penalty == other
            ? penalty ?? other ?? 1
            : throw new OpenAiException(OpenAiError.BadRequest(
                "'repeat_penalty' is another name of 'repetition_penalty', and their values differ: leave one out.", "repeat_penalty", "invalid_value"));
    }

    private static ImmutableArray<TokenBias> ReadLogitBias(JsonFields fields)
    {
        if (fields.Optional("logit_bias") is not { } bias)
        {
            return [];
        }

        if (bias.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType("logit_bias", "an object", bias);
        }

        var count = bias.GetPropertyCount();
        return count <= BiasedTokensMax
            ? [.. bias.EnumerateObject().Select(ReadBias).OrderBy(entry => entry.Token)]
            : throw new OpenAiException(OpenAiError.BadRequest(
                $"'logit_bias' must have at most {BiasedTokensMax} tokens; it has {count}.", "logit_bias", "invalid_value"));
    }

    private static TokenBias ReadBias(JsonProperty entry)
    {
        // One spelling for each id, so that no token can be there twice.
        var name = entry.Name;
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var token)
            && token.ToString(CultureInfo.InvariantCulture) == name
            ? new(token, JsonFields.Number(entry.Value, $"logit_bias.{name}", -100, 100))
            : throw new OpenAiException(OpenAiError.BadRequest(
                "'logit_bias' must map token ids, written in decimal, to numbers; one of its keys is not a token id.", "logit_bias", "invalid_value"));
    }
}
