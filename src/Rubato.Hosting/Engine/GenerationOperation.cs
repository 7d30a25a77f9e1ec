namespace Rubato.Hosting.Engine;

/// <summary>What kind of request a sequence belongs to; a label of the metrics.</summary>
public enum GenerationOperation
{
    /// <summary>A prompt continued as it is.</summary>
    TextCompletion,

    /// <summary>A conversation answered.</summary>
    Chat,

    /// <summary>A text turned into a vector.</summary>
    Embeddings,
}
