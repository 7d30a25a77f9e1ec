namespace Rubato.Models.Corpora;

/// <summary>One paragraph of a document, whitespace normalised to single spaces.</summary>
/// <param name="Kind">What the paragraph is about.</param>
/// <param name="Subject">The name of the parameter or exception; empty for the other kinds.</param>
/// <param name="Text">The sentences, without the label that <see cref="Rendered"/> puts before them; never empty.</param>
public sealed record CorpusParagraph(ParagraphKind Kind, string Subject, string Text)
{
    /// <summary>The paragraph as it stands in the document's text, with its label ("separator: …", "Returns: …").</summary>
    public string Rendered => Kind switch
    {
        ParagraphKind.Parameter or ParagraphKind.TypeParameter => $"{Subject}: {Text}",
        ParagraphKind.Returns => $"Returns: {Text}",
        ParagraphKind.Value => $"Value: {Text}",
        ParagraphKind.Exception => $"Throws {Subject}: {Text}",
        _ => Text,
    };
}
