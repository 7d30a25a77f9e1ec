using System.Text.Json;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>Choices of text completions.</summary>
internal sealed class TextShape(LogProbabilityWriter? logProbabilities) : IResponseShape
{
    public ReadOnlySpan<byte> WholeObject => "text_completion"u8;

    public ReadOnlySpan<byte> ChunkObject => "text_completion"u8;

    public void WriteWhole(Utf8JsonWriter json, ChoiceText choice) => Write(json, choice.Index, choice.Text, choice.Tokens, 0, choice.End);

    public void WriteChunk(Utf8JsonWriter json, GenerationEvent next, int textBefore, bool isFirst) =>
        Write(json, next.Sequence, next.Text, next.Tokens, textBefore, next.End);

    private void Write(
        Utf8JsonWriter json, int index, string text, IReadOnlyList<GeneratedToken> tokens, int textBefore, GenerationEnd? end)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteString("text"u8, text);
        if (logProbabilities is null)
        {
            json.WriteNull("logprobs"u8);
        }
        else
        {
            logProbabilities.WriteText(json, tokens, textBefore);
        }

        FinishReasons.Write(json, end);
        json.WriteEndObject();
    }
}
