using System.Text.Json;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>Token counts of a whole response: each prompt once, each choice's output.</summary>
internal sealed class Usage(int promptTokens)
{
    private long _outputTokens;

    public void Add(GenerationEnd end) => _outputTokens += end.OutputTokens;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, promptTokens);
        json.WriteNumber("completion_tokens"u8, _outputTokens);
        json.WriteNumber("total_tokens"u8, promptTokens + _outputTokens);
        json.WriteEndObject();
    }
}
