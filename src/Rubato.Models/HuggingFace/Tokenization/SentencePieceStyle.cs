using System.Collections.Immutable;
using System.Globalization;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>What a tokenizer.json says that stands for a SentencePiece model (Llama 2, Mistral, Gemma, Phi-3): spaces spelled ▁, merges in place of scores.</summary>
internal static class SentencePieceStyle
{
    private const string SpaceMark = "\u2581";

    /// <summary>Whether the vocabulary is of this kind, rather than spelled byte by byte.</summary>
    public static bool Is(TokenizerJson tokenizer) => tokenizer.FallsBackToBytes || Steps(tokenizer).Any(step => step.FindString("type") == "Metaspace");

    /// <summary>Whether a space goes before texts. Refuses steps that GGUF cannot state.</summary>
    /// <exception cref="InvalidFormatException">There is such a step.</exception>
    public static bool AddsSpacePrefix(TokenizerJson tokenizer)
    {
        var adds = false;
        foreach (var step in Steps(tokenizer))
        {
            adds |= step.GetString("type") switch
            {
                "Prepend" when step.FindString("prepend") == SpaceMark => true,
                "Metaspace" when step.FindString("replacement") is null or SpaceMark => step.FindString("prepend_scheme") is { } scheme
                    ? scheme != "never"
                    : step.FindBoolean("add_prefix_space") ?? true,
                "Replace" when step.FindString("content") == SpaceMark && step.FindObject("pattern")?.FindString("String") == " " => false,
                "Split" when step.FindObject("pattern")?.FindString("String") == " " => false,
                var type => throw step.Refused($"the step {Printable.Quote(type)} with these settings is not supported for tokenizers with {SpaceMark}"),
            };
        }

        return adds;
    }

    /// <summary>A score for every token, so that merging by score does what the merges say.</summary>
    /// <remarks>
    /// A pair that merges earlier has a higher score. The merges of one token must follow each other, as they do in files that were made from
    /// SentencePiece models, because a token has one score only; merges of tokens that are matched before merging do not count.
    /// </remarks>
    /// <exception cref="InvalidFormatException">The merges of a token do not follow each other.</exception>
    public static ImmutableArray<float> Scores(TokenizerJson tokenizer, int count)
    {
        var matchedFirst = tokenizer.Added.Select(added => added.Content).ToHashSet(StringComparer.Ordinal);
        var scores = new float[count];
        var last = "";
        var next = 0;
        foreach (var (left, right) in tokenizer.Merges)
        {
            var merged = left + right;
            if (merged == last || matchedFirst.Contains(merged))
            {
                continue;
            }

            ref var score = ref scores[tokenizer.Tokens[merged]];
            if (score != 0)
            {
                throw tokenizer.Model.Refused($"the merges into {Printable.Quote(merged)} do not follow each other, so no score per token can say what they say");
            }

            score = --next;
            last = merged;
        }

        foreach (var (spelling, id) in tokenizer.Tokens)
        {
            if (scores[id] == 0 && !matchedFirst.Contains(spelling) && !(tokenizer.FallsBackToBytes && IsByte(spelling)))
            {
                scores[id] = --next;
            }
        }

        return [.. scores];
    }

    /// <summary>Whether the spelling is that of a byte.</summary>
    public static bool IsByte(string spelling) =>
        spelling.Length == 6 && spelling.StartsWith("<0x", StringComparison.Ordinal) && spelling[5] == '>'
        && byte.TryParse(spelling.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);

    private static IEnumerable<JsonFields> Steps(TokenizerJson tokenizer) =>
        Flatten(tokenizer.Fields.FindObject("normalizer"), "normalizers").Concat(Flatten(tokenizer.Fields.FindObject("pre_tokenizer"), "pretokenizers"));

    private static IEnumerable<JsonFields> Flatten(JsonFields? step, string list) => step switch
    {
        null => [],
        _ when step.FindString("type") == "Sequence" => step.Objects(list).SelectMany(inner => Flatten(inner, list)),
        _ => [step],
    };
}
