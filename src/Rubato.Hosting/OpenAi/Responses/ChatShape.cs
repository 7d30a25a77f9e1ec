using System.Text.Json;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>Choices of chat completions: messages, and deltas of messages.</summary>
internal sealed class ChatShape(LogProbabilityWriter? logProbabilities) : IResponseShape
{
    public ReadOnlySpan<byte> WholeObject => "chat.completion"u8;

    public ReadOnlySpan<byte> ChunkObject => "chat.completion.chunk"u8;

    public void WriteWhole(Utf8JsonWriter json, ChoiceText choice)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, choice.Index);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("content"u8, choice.Text);
        json.WriteNull("refusal"u8);
        json.WriteEndObject();
        WriteLogProbabilities(json, choice.Tokens);
        FinishReasons.Write(json, choice.End);
        json.WriteEndObject();
    }

    public void WriteChunk(Utf8JsonWriter json, GenerationEvent next, int textBefore, bool isFirst)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, next.Sequence);
        json.WriteStartObject("delta"u8);
        if (isFirst)
        {
            json.WriteString("role"u8, "assistant"u8);
        }

        if (isFirst || next.Text.Length > 0)
        {
            json.WriteString("content"u8, next.Text);
        }

        json.WriteEndObject();
        WriteLogProbabilities(json, next.Tokens);
        FinishReasons.Write(json, next.End);
        json.WriteEndObject();
    }

    private void WriteLogProbabilities(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens)
    {
        if (logProbabilities is null)
        {
            json.WriteNull("logprobs"u8);
        }
        else
        {
            logProbabilities.WriteChat(json, tokens);
        }
    }
}
