using Rubato.Models.Chat;
using Rubato.Models.Tokenizers;

namespace Rubato.Hosting.Engine;

/// <summary>A model as clients see it: its name, its words, its form of conversation.</summary>
public sealed record ServedModel
{
    /// <summary>The identifier in <c>/v1/models</c> and in requests.</summary>
    public required string Name { get; init; }

    /// <summary>Text to tokens and back.</summary>
    public required ITokenizer Tokenizer { get; init; }

    /// <summary>
    /// Writes a conversation as the text of a prompt that the model answers, special tokens spelled out; null when the model has no chat
    /// form, and chat requests are refused.
    /// </summary>
    public Func<IReadOnlyList<ChatMessage>, string>? RenderChat { get; init; }

    /// <summary>How embeddings are made of hidden states.</summary>
    public EmbeddingPooling Pooling { get; init; } = EmbeddingPooling.Last;

    /// <summary>When the model was made, in seconds since 1970; shown by <c>/v1/models</c>.</summary>
    public long CreatedUnixSeconds { get; init; }
}
