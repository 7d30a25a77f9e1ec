using System.Text;

namespace Rubato.Models.Tokenizers;

/// <summary>
/// The merges that a scored vocabulary implies: two symbols merge when their spellings together spell a token, the highest score
/// first. A character that spells no token, but stands in one, gets the symbol "number of tokens + code point".
/// </summary>
internal sealed class SentencePieceMerges
{
    /// <summary>Longer tokens are not merged into; it bounds the work for a vocabulary that lies.</summary>
    private const int MaximumTokenLength = 512;

    /// <summary>Characters that are looked at to find all merges: the squares of the tokens' lengths. Published vocabularies need some 30 million.</summary>
    private const long MaximumWork = 500_000_000;

    /// <summary>Published vocabularies imply about two merges a token.</summary>
    private const int MaximumMerges = 2_000_000;

    private readonly VocabularyIndex _index;
    private readonly int[] _rankOfToken;
    private long _work;

    public SentencePieceMerges(VocabularyIndex index)
    {
        _index = index;
        _rankOfToken = Ranks(index);
        for (var token = 0; token < index.Vocabulary.Tokens.Length; token++)
        {
            if (index.TypeOf(token) is TokenType.Normal or TokenType.Undefined or TokenType.UserDefined)
            {
                AddSplits(token);
            }
        }
    }

    public List<(int Left, int Right, int Rank, int Merged)> Merges { get; } = [];

    public Dictionary<int, int> SymbolOfRune { get; } = [];

    /// <summary>Ranks by falling score; equal scores have equal ranks, so that the leftmost goes first.</summary>
    private static int[] Ranks(VocabularyIndex index)
    {
        float[] scores = [.. index.Vocabulary.Scores];
        if (Array.FindIndex(scores, float.IsNaN) is >= 0 and var token)
        {
            throw VocabularyIndex.Fault($"has no number as the score of token {token}");
        }

        int[] order = [.. Enumerable.Range(0, scores.Length)];
        Array.Sort(scores, order);
        var ranks = new int[scores.Length];
        for (var i = scores.Length - 2; i >= 0; i--)
        {
            ranks[order[i]] = ranks[order[i + 1]] + (scores[i] == scores[i + 1] ? 0 : 1);
        }

        return ranks;
    }

    private void AddSplits(int token)
    {
        var spelling = _index.Vocabulary.Tokens[token];
        if (spelling.Length is 0 or > MaximumTokenLength || _index.Find(spelling) != token)
        {
            return;
        }

        _work += (long)spelling.Length * spelling.Length;
        if (_work > MaximumWork)
        {
            throw VocabularyIndex.Fault("has so many long tokens that finding its merges would take too long");
        }

        foreach (var rune in spelling.EnumerateRunes())
        {
            if (!SymbolOfRune.ContainsKey(rune.Value))
            {
                SymbolOfRune.Add(rune.Value, _index.Find(rune.ToString()) ?? _index.Vocabulary.Tokens.Length + rune.Value);
            }
        }

        for (var split = 1; split < spelling.Length; split++)
        {
            if (!char.IsLowSurrogate(spelling[split])
                && Symbol(spelling.AsSpan(0, split)) is { } left && Symbol(spelling.AsSpan(split)) is { } right)
            {
                if (Merges.Count == MaximumMerges)
                {
                    throw VocabularyIndex.Fault($"implies more than {MaximumMerges} merges");
                }

                Merges.Add((left, right, _rankOfToken[token], token));
            }
        }
    }

    private int? Symbol(ReadOnlySpan<char> spelling)
    {
        if (_index.Lookup.TryGetValue(spelling, out var token))
        {
            return token;
        }

        return Rune.DecodeFromUtf16(spelling, out var rune, out var length) == System.Buffers.OperationStatus.Done && length == spelling.Length
            ? _index.Vocabulary.Tokens.Length + rune.Value
            : null;
    }
}
