using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tokenizers;

/// <content>The keys under which GGUF files hold a vocabulary.</content>
public sealed partial record TokenizerVocabulary
{
    private const string Prefix = "tokenizer.ggml.";
    private const string ChatTemplateKey = "tokenizer.chat_template";

    /// <summary>Reads the vocabulary that a GGUF file holds. What the file leaves out gets the value that llama.cpp assumes.</summary>
    /// <exception cref="InvalidFormatException">A key is missing or of a wrong type, or there are more tokens than an id can number.</exception>
    public static TokenizerVocabulary FromGguf(GgufMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var model = metadata.GetString(Prefix + "model");
        var tokens = metadata.GetArray<string>(Prefix + "tokens");
        var preTokenizer = metadata.FindString(Prefix + "pre") ?? "default";
        var isScored = model == "llama";
        return new()
        {
            Model = model,
            PreTokenizer = preTokenizer,
            Tokens = tokens,
            Scores = metadata.FindArray<float>(Prefix + "scores") ?? [],
            Types = [.. (metadata.FindArray<int>(Prefix + "token_type") ?? []).Select(type => (TokenType)type)],
            Merges = metadata.FindArray<string>(Prefix + "merges") ?? [],
            BeginOfText = FindToken(metadata, "bos_token_id") ?? (isScored && tokens.Length > 1 ? 1 : null),
            EndOfText = FindToken(metadata, "eos_token_id") ?? (isScored && tokens.Length > 2 ? 2 : null),
            EndOfTurn = FindToken(metadata, "eot_token_id"),
            Unknown = FindToken(metadata, "unknown_token_id") ?? (isScored && tokens.Length > 0 ? 0 : null),
            Padding = FindToken(metadata, "padding_token_id"),
            AddBeginOfText = metadata.FindBoolean(Prefix + "add_bos_token") ?? (isScored || Tokenizers.PreTokenizer.Find(preTokenizer)?.BeginsTexts == true),
            AddEndOfText = metadata.FindBoolean(Prefix + "add_eos_token") ?? false,
            AddSpacePrefix = metadata.FindBoolean(Prefix + "add_space_prefix") ?? isScored,
            ChatTemplate = metadata.FindString(ChatTemplateKey),
        };
    }

    /// <summary>Sets the keys of a GGUF file that is to hold this vocabulary.</summary>
    public void WriteTo(GgufWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Set(Prefix + "model", Model);
        writer.Set(Prefix + "pre", PreTokenizer);
        writer.Set(Prefix + "tokens", GgufArray.Of(Tokens));
        if (!Scores.IsDefaultOrEmpty)
        {
            writer.Set(Prefix + "scores", GgufArray.Of(Scores));
        }

        if (!Types.IsDefaultOrEmpty)
        {
            writer.Set(Prefix + "token_type", GgufArray.Of(Types.Select(type => (int)type).ToImmutableArray()));
        }

        if (Model == "gpt2")
        {
            writer.Set(Prefix + "merges", GgufArray.Of(Merges));
        }

        WriteToken(writer, "bos_token_id", BeginOfText);
        WriteToken(writer, "eos_token_id", EndOfText);
        WriteToken(writer, "eot_token_id", EndOfTurn);
        WriteToken(writer, "unknown_token_id", Unknown);
        WriteToken(writer, "padding_token_id", Padding);
        writer.Set(Prefix + "add_bos_token", AddBeginOfText);
        writer.Set(Prefix + "add_eos_token", AddEndOfText);
        writer.Set(Prefix + "add_space_prefix", AddSpacePrefix);
        if (ChatTemplate is not null)
        {
            writer.Set(ChatTemplateKey, ChatTemplate);
        }
    }

    private static int? FindToken(GgufMetadata metadata, string name) => metadata.FindInt32(Prefix + name);

    private static void WriteToken(GgufWriter writer, string name, int? token)
    {
        if (token is { } id)
        {
            writer.Set(Prefix + name, (uint)id);
        }
    }
}
