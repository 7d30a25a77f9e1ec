using System.Collections.Immutable;

namespace Rubato.Models.Corpora;

/// <summary>One document of a corpus: a title line, or none, and at least one paragraph.</summary>
/// <param name="Id">What identifies the document in its source: a member's documentation id, or a file and a number.</param>
/// <param name="Title">The first line of the text ("System.String.Join"); empty when the document has none.</param>
/// <param name="Paragraphs">The paragraphs in order, without duplicates.</param>
public sealed record CorpusDocument(string Id, string Title, ImmutableArray<CorpusParagraph> Paragraphs)
{
    /// <summary>The whole document: title and paragraphs separated by blank lines, without a line break at the end.</summary>
    public string Text { get; } = string.Join("\n\n", Lines(Title, Paragraphs));

    private static IEnumerable<string> Lines(string title, ImmutableArray<CorpusParagraph> paragraphs)
    {
        var rendered = paragraphs.Select(paragraph => paragraph.Rendered);
        return title.Length == 0 ? rendered : rendered.Prepend(title);
    }
}
