using Rubato.Models.Chat;
using Rubato.Models.Chat.Tools;
using Rubato.Models.Grammars;
using Rubato.Models.Tokenizers;

namespace Rubato.Hosting.Engine;

/// <summary>A model as clients see it: its name, its words, its form of conversation.</summary>
public sealed record ServedModel
{
    private GrammarFactory? _grammars;

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

    /// <summary>
    /// The same for conversations with functions; null when the model's form knows none, and they are written as
    /// <see cref="GenericToolForm"/> has them.
    /// </summary>
    public Func<ChatConversation, string>? RenderConversation { get; init; }

    /// <summary>How the model writes calls of functions.</summary>
    public ToolCallSyntax ToolCalls { get; init; } = ToolCallSyntax.Hermes;

    /// <summary>When the model was made, in seconds since 1970; shown by <c>/v1/models</c>.</summary>
    public long CreatedUnixSeconds { get; init; }

    /// <summary>Grammars over the model's tokens, shared by all who ask for the same.</summary>
    internal GrammarFactory Grammars => LazyInitializer.EnsureInitialized(ref _grammars, () => new GrammarFactory(Tokenizer));
}
