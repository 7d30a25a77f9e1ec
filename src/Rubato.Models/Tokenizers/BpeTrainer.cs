using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Rubato.Core;
using Rubato.Models.Chat;

namespace Rubato.Models.Tokenizers;

/// <summary>Learns a byte-level BPE vocabulary from text. The same text in the same order gives the same vocabulary on any machine.</summary>
/// <remarks>
/// Source: Sennrich, Haddow, Birch, "Neural machine translation of rare words with subword units", 2016, over bytes as in GPT-2.
/// Ids: the 256 bytes first, then the merges in order of rank, then the special tokens. Small texts yield fewer merges.
/// </remarks>
public static class BpeTrainer
{
    private const int MaximumVocabulary = 1_000_000;

    /// <summary>Learns a vocabulary of at most <see cref="BpeTrainerOptions.VocabularySize"/> tokens from <paramref name="texts"/>.</summary>
    /// <exception cref="InvalidOptionException">An option is outside its range.</exception>
    public static TokenizerVocabulary Train(IEnumerable<string> texts, BpeTrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        options ??= new();
        ImmutableArray<string> special =
        [
            BpeTrainerOptions.EndOfText, BpeTrainerOptions.TurnStart, BpeTrainerOptions.TurnEnd, BpeTrainerOptions.Padding,
            .. options.ExtraSpecialTokens,
        ];
        Validate(options, special);
        var statistics = new PairStatistics();
        foreach (var (piece, count) in CountPieces(texts, options).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            statistics.AddWord([.. Encoding.UTF8.GetBytes(piece).Select(value => (int)value)], count);
        }

        var spellings = Enumerable.Range(0, 256).Select(value => ByteLevelAlphabet.Spell((byte)value).ToString()).ToList();
        var merges = LearnMerges(statistics, spellings, options.VocabularySize - special.Length, options.MinimumPairCount);
        return Assemble(spellings, merges, special, options.PreTokenizer);
    }

    private static void Validate(BpeTrainerOptions options, ImmutableArray<string> special)
    {
        var least = 256 + special.Length;
        if (options.VocabularySize < least || options.VocabularySize > MaximumVocabulary)
        {
            throw new InvalidOptionException(
                $"Vocabulary size {options.VocabularySize} is outside {least}–{MaximumVocabulary}: "
                + $"the 256 bytes and {special.Length} special tokens need a place.");
        }

        if (special.Any(string.IsNullOrEmpty) || special.Distinct(StringComparer.Ordinal).Count() != special.Length)
        {
            throw new InvalidOptionException($"Special tokens must be distinct and not empty: {string.Join(' ', special)}.");
        }

        if (options.MinimumPairCount < 1 || options.MaximumPieceBytes < 1)
        {
            throw new InvalidOptionException(
                $"Minimum pair count {options.MinimumPairCount} and maximum piece bytes {options.MaximumPieceBytes} must be at least 1.");
        }
    }

    private static Dictionary<string, long> CountPieces(IEnumerable<string> texts, BpeTrainerOptions options)
    {
        var preTokenizer = PreTokenizer.Get(options.PreTokenizer);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var text in texts)
        {
            for (var start = 0; start < text.Length;)
            {
                var end = preTokenizer.EndOfPiece(text, start);
                var piece = text.AsSpan(start, end - start);
                if (Encoding.UTF8.GetByteCount(piece) <= options.MaximumPieceBytes)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(lookup, piece, out _)++;
                }

                start = end;
            }
        }

        return counts;
    }

    private static List<(int Left, int Right)> LearnMerges(PairStatistics statistics, List<string> spellings, int size, int minimum)
    {
        var merges = new List<(int Left, int Right)>();
        var known = new HashSet<string>(spellings, StringComparer.Ordinal);
        while (spellings.Count < size && statistics.TryTakeMostFrequent(minimum, out var pair))
        {
            var spelling = spellings[pair.Left] + spellings[pair.Right];
            var id = known.Add(spelling) ? spellings.Count : spellings.IndexOf(spelling);
            if (id == spellings.Count)
            {
                spellings.Add(spelling);
            }

            merges.Add(pair);
            statistics.Merge(pair, id);
        }

        return merges;
    }

    private static TokenizerVocabulary Assemble(
        List<string> spellings, List<(int Left, int Right)> merges, ImmutableArray<string> special, string preTokenizer)
    {
        var first = spellings.Count;
        return new()
        {
            Model = "gpt2",
            PreTokenizer = preTokenizer,
            Tokens = [.. spellings, .. special],
            Types = [.. Enumerable.Repeat(TokenType.Normal, first), .. Enumerable.Repeat(TokenType.Control, special.Length)],
            Merges = [.. merges.Select(pair => $"{spellings[pair.Left]} {spellings[pair.Right]}")],
            BeginOfText = first,
            EndOfText = first,
            EndOfTurn = first + 2,
            Padding = first + 3,
            AddBeginOfText = true,
            AddSpacePrefix = false,
            ChatTemplate = ChatTemplate.ChatMl,
        };
    }
}
