using System.Text.Json.Nodes;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.HuggingFace;

/// <summary>Writes a vocabulary as the tokenizer.json that Hugging Face's library would load to the same effect.</summary>
internal static class TokenizerJsonWriter
{
    private const string Qwen2 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static JsonObject Write(TokenizerVocabulary vocabulary, bool mergesInPairs = false)
    {
        var isScored = vocabulary.Model == "llama";
        var tokens = new JsonObject();
        var added = new JsonArray();
        for (var id = 0; id < vocabulary.Tokens.Length; id++)
        {
            var spelling = vocabulary.Tokens[id];
            var isAdded = vocabulary.Types[id] is TokenType.Control or TokenType.Unknown or TokenType.UserDefined;
            if (!isAdded || isScored)
            {
                tokens[spelling] = id;
            }

            if (isAdded)
            {
                added.Add(new JsonObject { ["id"] = id, ["content"] = spelling, ["special"] = vocabulary.Types[id] != TokenType.UserDefined, ["normalized"] = false });
            }
        }

        var merges = isScored ? ScoredMerges(vocabulary) : vocabulary.Merges.Select(merge => (merge.Split(' ')[0], merge.Split(' ')[1]));
        var model = new JsonObject
        {
            ["type"] = "BPE",
            ["byte_fallback"] = isScored,
            ["ignore_merges"] = false,
            ["vocab"] = tokens,
            ["merges"] = new JsonArray([.. merges.Select(merge => mergesInPairs ? new JsonArray(merge.Item1, merge.Item2) : (JsonNode)$"{merge.Item1} {merge.Item2}")]),
        };
        if (isScored)
        {
            model["unk_token"] = vocabulary.Tokens[vocabulary.Unknown!.Value];
        }

        return new() { ["version"] = "1.0", ["added_tokens"] = added, ["normalizer"] = Normalizer(vocabulary), ["pre_tokenizer"] = PreTokenizer(isScored), ["post_processor"] = null, ["model"] = model };
    }

    /// <summary>Every way to make a token of two others, the tokens of the highest scores first, as Hugging Face converts SentencePiece models.</summary>
    private static IEnumerable<(string, string)> ScoredMerges(TokenizerVocabulary vocabulary)
    {
        var known = vocabulary.Tokens.Where((_, id) => vocabulary.Types[id] == TokenType.Normal).ToHashSet(StringComparer.Ordinal);
        return
            from entry in vocabulary.Tokens.Select((token, id) => (token, id)).OrderByDescending(entry => vocabulary.Scores[entry.id])
            where vocabulary.Types[entry.id] == TokenType.Normal
            from split in Enumerable.Range(1, Math.Max(0, entry.token.Length - 1))
            where known.Contains(entry.token[..split]) && known.Contains(entry.token[split..])
            select (entry.token[..split], entry.token[split..]);
    }

    private static JsonObject? Normalizer(TokenizerVocabulary vocabulary)
    {
        if (vocabulary.Model != "llama")
        {
            return null;
        }

        var steps = new JsonArray();
        if (vocabulary.AddSpacePrefix)
        {
            steps.Add(new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" });
        }

        steps.Add(new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = "▁" });
        return new() { ["type"] = "Sequence", ["normalizers"] = steps };
    }

    private static JsonObject? PreTokenizer(bool isScored) => isScored ? null : new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Qwen2 }, ["behavior"] = "Isolated", ["invert"] = false },
            new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = false, ["use_regex"] = false }),
    };
}
