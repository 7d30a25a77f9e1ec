namespace Rubato.Hosting.Engine;

/// <summary>How the hidden states of a text's tokens become one vector.</summary>
public enum EmbeddingPooling
{
    /// <summary>The model says that its states are not to be pooled: embeddings are refused.</summary>
    None,

    /// <summary>The mean over all tokens.</summary>
    Mean,

    /// <summary>The state of the first token.</summary>
    First,

    /// <summary>The state of the last token.</summary>
    Last,
}
