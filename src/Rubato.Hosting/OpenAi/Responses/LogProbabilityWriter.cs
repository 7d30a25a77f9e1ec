using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Rubato.Hosting.Engine;
using Rubato.Models.Tokenizers;
using Rubato.Serving;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>Log-probabilities in both of OpenAI's forms. Infinity, which JSON lacks, is written as −9999.</summary>
internal sealed class LogProbabilityWriter(ITokenizer tokenizer)
{
    private const double Floor = -9999;

    /// <summary>The form of chat completions: an object per token.</summary>
    public void WriteChat(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens)
    {
        json.WriteStartObject("logprobs"u8);
        json.WriteStartArray("content"u8);
        foreach (var (token, probabilities) in tokens)
        {
            json.WriteStartObject();
            WriteChatToken(json, token, probabilities?.Chosen ?? Floor);
            json.WriteStartArray("top_logprobs"u8);
            foreach (var top in probabilities?.Top ?? [])
            {
                json.WriteStartObject();
                WriteChatToken(json, top.Token, top.LogProbability);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("refusal"u8);
        json.WriteEndObject();
    }

    /// <summary>The form of completions: parallel arrays.</summary>
    public void WriteText(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens, int textBefore)
    {
        json.WriteStartObject("logprobs"u8);
        json.WriteStartArray("tokens"u8);
        foreach (var token in tokens)
        {
            json.WriteStringValue(Spell(token.Token));
        }

        json.WriteEndArray();
        json.WriteStartArray("token_logprobs"u8);
        foreach (var token in tokens)
        {
            json.WriteNumberValue(Finite(token.LogProbabilities?.Chosen ?? Floor));
        }

        json.WriteEndArray();
        json.WriteStartArray("top_logprobs"u8);
        foreach (var token in tokens)
        {
            WriteTextTop(json, token.LogProbabilities);
        }

        json.WriteEndArray();
        WriteOffsets(json, tokens, textBefore);
        json.WriteEndObject();
    }

    private void WriteTextTop(Utf8JsonWriter json, TokenLogProbabilities? probabilities)
    {
        json.WriteStartObject();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var top in probabilities?.Top ?? [])
        {
            var text = Spell(top.Token);
            if (seen.Add(text))
            {
                json.WriteNumber(text, Finite(top.LogProbability));
            }
        }

        json.WriteEndObject();
    }

    private void WriteOffsets(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens, int textBefore)
    {
        json.WriteStartArray("text_offset"u8);
        var offset = textBefore;
        foreach (var token in tokens)
        {
            json.WriteNumberValue(offset);
            offset += Encoding.UTF8.GetCharCount(tokenizer.TokenBytes(token.Token));
        }

        json.WriteEndArray();
    }

    private void WriteChatToken(Utf8JsonWriter json, int token, double logProbability)
    {
        json.WriteString("token"u8, Spell(token));
        json.WriteNumber("logprob"u8, Finite(logProbability));
        json.WriteStartArray("bytes"u8);
        foreach (var unit in tokenizer.TokenBytes(token))
        {
            json.WriteNumberValue(unit);
        }

        json.WriteEndArray();
    }

    /// <summary>The text of a token; the vocabulary's spelling of a control token; <c>bytes:\xNN…</c> for part of a character.</summary>
    private string Spell(int token)
    {
        var bytes = tokenizer.TokenBytes(token);
        if (bytes.IsEmpty)
        {
            return tokenizer.TokenText(token);
        }

        if (Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder("bytes:");
        foreach (var unit in bytes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\\x{unit:x2}");
        }

        return text.ToString();
    }

    private static double Finite(double logProbability) => double.IsFinite(logProbability) ? logProbability : Floor;
}
