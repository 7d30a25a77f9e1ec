using System.Collections.Immutable;

namespace Rubato.Models.Tokenizers;

/// <summary>What a tokenizer is made of, as GGUF files state it; a plain value that is checked when a tokenizer is built from it.</summary>
public sealed partial record TokenizerVocabulary
{
    /// <summary>"gpt2" for byte-level BPE with merges, "llama" for SentencePiece with scores.</summary>
    public required string Model { get; init; }

    /// <summary>The name of the rule that cuts text into pieces before merging (see <see cref="PreTokenizer.Names"/>).</summary>
    public string PreTokenizer { get; init; } = "default";

    /// <summary>The spelling of every token; the index is the token id.</summary>
    public required ImmutableArray<string> Tokens { get; init; }

    /// <summary>The score of every token ("llama": higher merges first); empty when the model has none.</summary>
    public ImmutableArray<float> Scores { get; init; } = [];

    /// <summary>The kind of every token; empty when all are <see cref="TokenType.Normal"/>.</summary>
    public ImmutableArray<TokenType> Types { get; init; } = [];

    /// <summary>The merges in order of rank, each two spellings with one space between ("gpt2").</summary>
    public ImmutableArray<string> Merges { get; init; } = [];

    /// <summary>The token put before a text.</summary>
    public int? BeginOfText { get; init; }

    /// <summary>The token that ends a text.</summary>
    public int? EndOfText { get; init; }

    /// <summary>The token that ends a turn of a chat.</summary>
    public int? EndOfTurn { get; init; }

    /// <summary>The token for text that cannot be spelled.</summary>
    public int? Unknown { get; init; }

    /// <summary>The token that fills batches up.</summary>
    public int? Padding { get; init; }

    /// <summary>Whether the model wants <see cref="BeginOfText"/> first.</summary>
    public bool AddBeginOfText { get; init; }

    /// <summary>Whether the model wants <see cref="EndOfText"/> last.</summary>
    public bool AddEndOfText { get; init; }

    /// <summary>Whether "llama" tokenizers put a space before the text.</summary>
    public bool AddSpacePrefix { get; init; } = true;

    /// <summary>The Jinja template that renders a conversation, or null.</summary>
    public string? ChatTemplate { get; init; }
}
