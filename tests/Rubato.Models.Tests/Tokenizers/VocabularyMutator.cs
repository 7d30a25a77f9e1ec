using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Tokenizers;

/// <summary>Makes one field of a vocabulary wrong, in the ways that broken and hostile files do.</summary>
internal static class VocabularyMutator
{
    private static readonly string[] Spellings =
        ["", " ", "a", "Ġ", "<0x41>", "<0xZZ>", "<0x4", "\uD800", "🙂", "▁", "▁▁", "<|im_end|>", "ab cd", "\0", "e e", "é", new('a', 2_000)];

    public static TokenizerVocabulary Mutate(TokenizerVocabulary v, Prng random)
    {
        var id = random.NextInt32(-2, 400);
        var spelling = random.Chance(1, 2) ? Spellings[random.NextInt32(Spellings.Length)] : RandomText.Next(random, 2, broken: true);
        return random.NextInt32(14) switch
        {
            0 => v with { Tokens = Replace(v.Tokens, random, spelling) },
            1 => v with { Tokens = Replace(v.Tokens, random, v.Tokens.IsEmpty ? "" : v.Tokens[random.NextInt32(v.Tokens.Length)]) },
            2 => v with { Merges = Replace(v.Merges, random, spelling) },
            3 => v with { Merges = Replace(v.Merges, random, $"{Any(v.Tokens, random)} {Any(v.Tokens, random)}") },
            4 => v with { Merges = Replace(v.Merges, random, Any(v.Merges, random)) },
            5 => v with { Merges = [.. v.Merges.Reverse()] },
            6 => v with { Types = Replace(v.Types, random, (TokenType)random.NextInt32(-1, 9)) },
            7 => v with { Scores = Replace(v.Scores, random, Score(random)) },
            8 => v with { BeginOfText = id, AddBeginOfText = true },
            9 => v with { EndOfText = id, AddEndOfText = true },
            10 => v with { Unknown = random.Chance(1, 3) ? null : id, AddSpacePrefix = random.Chance(1, 2) },
            11 => v with { Types = v.Types.IsEmpty || random.Chance(1, 4) ? [] : v.Types[..^1], Scores = random.Chance(1, 4) ? [] : v.Scores },
            12 => v with { PreTokenizer = random.Chance(1, 4) ? spelling : PreTokenizer.Names[random.NextInt32(PreTokenizer.Names.Length)] },
            _ => v with { Model = random.NextInt32(6) switch { 0 => spelling, 1 => "llama", 2 => "gpt2", _ => v.Model } },
        };
    }

    private static float Score(Prng random) => random.NextInt32(5) switch
    {
        0 => float.NaN,
        1 => float.PositiveInfinity,
        2 => float.NegativeInfinity,
        3 => 0,
        _ => random.NextInt32(-100, 100),
    };

    private static string Any(ImmutableArray<string> items, Prng random) => items.IsEmpty ? "" : items[random.NextInt32(items.Length)];

    private static ImmutableArray<T> Replace<T>(ImmutableArray<T> items, Prng random, T value) =>
        items.IsEmpty ? [value] : items.SetItem(random.NextInt32(items.Length), value);
}
