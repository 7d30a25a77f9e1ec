namespace Rubato.Models.Corpora;

/// <summary>What a paragraph of a document says about the document's subject.</summary>
public enum ParagraphKind
{
    /// <summary>Running text of a plain text document.</summary>
    Prose,

    /// <summary>What a documented member is or does.</summary>
    Summary,

    /// <summary>Further remarks on a documented member.</summary>
    Remarks,

    /// <summary>The meaning of a parameter; the subject is its name.</summary>
    Parameter,

    /// <summary>The meaning of a type parameter; the subject is its name.</summary>
    TypeParameter,

    /// <summary>What a member returns.</summary>
    Returns,

    /// <summary>What the value of a property means.</summary>
    Value,

    /// <summary>When an exception is thrown; the subject is the exception's short name.</summary>
    Exception,
}
