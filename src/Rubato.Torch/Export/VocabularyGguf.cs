using System.Collections.Immutable;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Torch.Export;

/// <summary>A tokenizer's vocabulary as the metadata of a GGUF file, both ways.</summary>
public static class VocabularyGguf
{
    private const string Prefix = "tokenizer.ggml.";
    private const string ChatTemplateKey = "tokenizer.chat_template";

    /// <summary>Sets the tokenizer's keys in <paramref name="writer"/>.</summary>
    public static void Write(TokenizerVocabulary vocabulary, GgufWriter writer)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(writer);
        writer.Set(Prefix + "model", vocabulary.Model);
        writer.Set(Prefix + "pre", vocabulary.PreTokenizer);
        writer.Set(Prefix + "tokens", GgufArray.Of(vocabulary.Tokens));
        SetArray("scores", vocabulary.Scores);
        SetArray("token_type", vocabulary.Types.IsDefaultOrEmpty ? [] : vocabulary.Types.Select(type => (int)type).ToImmutableArray());
        SetArray("merges", vocabulary.Merges);
        SetToken("bos_token_id", vocabulary.BeginOfText);
        SetToken("eos_token_id", vocabulary.EndOfText);
        SetToken("eot_token_id", vocabulary.EndOfTurn);
        SetToken("unknown_token_id", vocabulary.Unknown);
        SetToken("padding_token_id", vocabulary.Padding);
        writer.Set(Prefix + "add_bos_token", vocabulary.AddBeginOfText);
        writer.Set(Prefix + "add_eos_token", vocabulary.AddEndOfText);
        writer.Set(Prefix + "add_space_prefix", vocabulary.AddSpacePrefix);
        if (vocabulary.ChatTemplate is { } template)
        {
            writer.Set(ChatTemplateKey, template);
        }

        void SetArray<T>(string key, ImmutableArray<T> items)
            where T : notnull
        {
            if (!items.IsDefaultOrEmpty)
            {
                writer.Set(Prefix + key, GgufArray.Of(items));
            }
        }

        void SetToken(string key, int? token)
        {
            if (token is { } id)
            {
                writer.Set(Prefix + key, (uint)id);
            }
        }
    }

    /// <summary>Reads the tokenizer's keys of a file.</summary>
    /// <exception cref="Core.InvalidFormatException">A key is missing or has the wrong type.</exception>
    public static TokenizerVocabulary Read(GgufMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return new()
        {
            Model = metadata.GetString(Prefix + "model"),
            PreTokenizer = metadata.FindString(Prefix + "pre") ?? "default",
            Tokens = metadata.GetArray<string>(Prefix + "tokens"),
            Scores = metadata.FindArray<float>(Prefix + "scores") ?? [],
            Types = metadata.FindArray<int>(Prefix + "token_type")?.Select(type => (TokenType)type).ToImmutableArray() ?? [],
            Merges = metadata.FindArray<string>(Prefix + "merges") ?? [],
            BeginOfText = metadata.FindInt32(Prefix + "bos_token_id"),
            EndOfText = metadata.FindInt32(Prefix + "eos_token_id"),
            EndOfTurn = metadata.FindInt32(Prefix + "eot_token_id"),
            Unknown = metadata.FindInt32(Prefix + "unknown_token_id"),
            Padding = metadata.FindInt32(Prefix + "padding_token_id"),
            AddBeginOfText = metadata.FindBoolean(Prefix + "add_bos_token") ?? false,
            AddEndOfText = metadata.FindBoolean(Prefix + "add_eos_token") ?? false,
            AddSpacePrefix = metadata.FindBoolean(Prefix + "add_space_prefix") ?? true,
            ChatTemplate = metadata.FindString(ChatTemplateKey),
        };
    }
}
