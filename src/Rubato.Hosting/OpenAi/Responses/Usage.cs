using System.Text.Json;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>Token counts of a whole response: each prompt once, each choice's output.</summary>
/// <param name="promptTokens">Tokens of all prompts.</param>
/// <param name="choices">Sequences per prompt; they follow each other.</param>
internal sealed class Usage(int promptTokens, int choices)
{
    private long _outputTokens;
    private long _cachedTokens;

    /// <summary>Takes in the end of one sequence.</summary>
    public void Add(int sequence, GenerationEnd end)
    {
        _outputTokens += end.OutputTokens;

        // The other choices of a prompt find what the first has computed: that is no saving of prompt tokens, which count once.
        _cachedTokens += sequence % choices == 0 ? end.CachedTokens : 0;
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, promptTokens);
        json.WriteNumber("completion_tokens"u8, _outputTokens);
        json.WriteNumber("total_tokens"u8, promptTokens + _outputTokens);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, _cachedTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
