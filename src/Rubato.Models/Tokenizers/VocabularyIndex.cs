using System.Collections.Immutable;
using Rubato.Core;

namespace Rubato.Models.Tokenizers;

/// <summary>A vocabulary that was checked, with the way from spelling to token. Of equal spellings the lowest id counts.</summary>
internal sealed class VocabularyIndex
{
    /// <summary>Four times the largest published vocabulary.</summary>
    private const int MaximumTokens = 1_000_000;

    private const int MaximumMerges = 2_000_000;

    /// <summary>Characters of a token that is looked for in texts, and of all such: they are kept in a tree.</summary>
    private const int MaximumMatchedLength = 256;

    private const int MaximumMatchedCharacters = 1_000_000;

    /// <summary>Spellings that end a turn in published chat formats; llama.cpp stops at them too.</summary>
    private static readonly string[] TurnEnds = ["<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "<|endoftext|>", "<|eom_id|>"];

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    public VocabularyIndex(TokenizerVocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        var tokens = vocabulary.Tokens;
        Require(!tokens.IsDefaultOrEmpty, "has no tokens");
        Require(tokens.Length <= MaximumTokens, $"has {tokens.Length} tokens, more than {MaximumTokens}");
        Require(
            vocabulary.Types.IsDefaultOrEmpty || vocabulary.Types.Length == tokens.Length,
            $"has {tokens.Length} tokens but {vocabulary.Types.Length} token types");
        Require(
            vocabulary.Scores.IsDefaultOrEmpty || vocabulary.Scores.Length == tokens.Length,
            $"has {tokens.Length} tokens but {vocabulary.Scores.Length} scores");
        RequireToken(vocabulary.BeginOfText, "begin-of-text");
        RequireToken(vocabulary.EndOfText, "end-of-text");
        RequireToken(vocabulary.EndOfTurn, "end-of-turn");
        RequireToken(vocabulary.Unknown, "unknown");
        RequireToken(vocabulary.Padding, "padding");
        Require(vocabulary.Merges.IsDefault || vocabulary.Merges.Length <= MaximumMerges, $"has {vocabulary.Merges.Length} merges, more than {MaximumMerges}");
        var matched = 0;
        for (var id = 0; id < tokens.Length; id++)
        {
            var spelling = tokens[id] ?? throw Fault($"has no spelling for token {id}");
            _ids.TryAdd(spelling, id);
            if (TypeOf(id) is TokenType.Control or TokenType.UserDefined or TokenType.Unknown)
            {
                Require(spelling.Length <= MaximumMatchedLength, $"has token {id} of {spelling.Length} characters that is looked for in texts; at most {MaximumMatchedLength} are allowed");
                matched += spelling.Length;
                Require(matched <= MaximumMatchedCharacters, $"has tokens that are looked for in texts of more than {MaximumMatchedCharacters} characters in all");
            }
        }
    }

    public TokenizerVocabulary Vocabulary { get; }

    public int? Find(string spelling) => _ids.TryGetValue(spelling, out var id) ? id : null;

    public Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Lookup => _ids.GetAlternateLookup<ReadOnlySpan<char>>();

    public TokenType TypeOf(int token) => Vocabulary.Types.IsDefaultOrEmpty ? TokenType.Normal : Vocabulary.Types[token];

    /// <summary>The tokens of the given types that have a spelling.</summary>
    public IEnumerable<(string Spelling, int Token)> OfTypes(params TokenType[] types)
    {
        for (var id = 0; id < Vocabulary.Tokens.Length; id++)
        {
            if (types.Contains(TypeOf(id)) && Vocabulary.Tokens[id].Length > 0)
            {
                yield return (Vocabulary.Tokens[id], id);
            }
        }
    }

    /// <summary>End of text, end of turn, and the control tokens that are known to end a turn.</summary>
    public ImmutableArray<int> StopTokens()
    {
        var stops = new SortedSet<int>();
        stops.UnionWith(new[] { Vocabulary.EndOfText, Vocabulary.EndOfTurn }.OfType<int>());
        stops.UnionWith(TurnEnds.Select(Find).OfType<int>().Where(token => TypeOf(token) == TokenType.Control));
        return [.. stops];
    }

    /// <summary>The error that the vocabulary has a fault.</summary>
    public static InvalidFormatException Fault(string fault) => new($"The tokenizer's vocabulary {fault}.");

    private static void Require(bool condition, string fault)
    {
        if (!condition)
        {
            throw Fault(fault);
        }
    }

    private void RequireToken(int? token, string name) => Require(
        token is null || (token >= 0 && token < Vocabulary.Tokens.Length),
        $"names {token} as its {name} token but has {Vocabulary.Tokens.Length} tokens");
}
