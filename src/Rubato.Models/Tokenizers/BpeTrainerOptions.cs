using System.Collections.Immutable;

namespace Rubato.Models.Tokenizers;

/// <summary>What vocabulary a <see cref="BpeTrainer"/> makes.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>The spelling of the token between documents, which both begins and ends a text.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>The spelling of the token that starts a turn of a chat.</summary>
    public const string TurnStart = "<|im_start|>";

    /// <summary>The spelling of the token that ends a turn of a chat.</summary>
    public const string TurnEnd = "<|im_end|>";

    /// <summary>The spelling of the token that fills batches up.</summary>
    public const string Padding = "<|pad|>";

    /// <summary>All tokens, special ones included; at least 256 + the special ones, at most 1,000,000.</summary>
    public int VocabularySize { get; init; } = 4096;

    /// <summary>The rule that cuts text into pieces; one of <see cref="PreTokenizer.Names"/>.</summary>
    public string PreTokenizer { get; init; } = "qwen2";

    /// <summary>Further control tokens, after the four that every vocabulary has; distinct, not empty.</summary>
    public ImmutableArray<string> ExtraSpecialTokens { get; init; } = [];

    /// <summary>A pair that occurs less often than this is not merged; at least 1.</summary>
    public int MinimumPairCount { get; init; } = 2;

    /// <summary>Pieces of more UTF-8 bytes than this are not learned from; at least 1.</summary>
    public int MaximumPieceBytes { get; init; } = 64;
}
