using System.Collections.Immutable;
using System.Text;

namespace Rubato.Models.Corpora;

/// <summary>A paragraph as it was read: its text still carries the marks of <see cref="MarkedText"/>.</summary>
internal sealed record RawParagraph(ParagraphKind Kind, string Subject, string MarkedText);

/// <summary>Takes raw documents in a fixed order, drops duplicates, then splits training from validation.</summary>
/// <remarks>
/// Rules, in this order: a paragraph must be prose (<see cref="SentenceShape.IsProse"/>) of at least
/// <see cref="MinimumLength"/> characters; a paragraph whose text, letter case aside, stood before is dropped; a paragraph
/// whose shape (<see cref="SentenceShape.Of"/>) was kept <see cref="CorpusOptions.ParagraphsPerShape"/> times is dropped.
/// Only then are the documents split. The first paragraph in document order is the one that stays.
/// </remarks>
internal sealed class CorpusBuilder(CorpusOptions options)
{
    public const int MinimumLength = 20;

    private readonly HashSet<string> _texts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _shapes = new(StringComparer.Ordinal);
    private readonly List<CorpusDocument> _documents = [];
    private int _readDocuments, _readParagraphs, _exact, _near, _notProse;

    /// <summary>Bytes that were not UTF-8, as counted by the reader.</summary>
    public long InvalidBytes { get; set; }

    public void Add(string id, string title, IReadOnlyList<RawParagraph> paragraphs)
    {
        _readDocuments++;
        var kept = ImmutableArray.CreateBuilder<CorpusParagraph>();
        foreach (var paragraph in paragraphs)
        {
            _readParagraphs++;
            if (Admit(paragraph) is { } text)
            {
                kept.Add(new(paragraph.Kind, paragraph.Subject, text));
            }
        }

        if (kept.Count > 0)
        {
            _documents.Add(new(id, title, kept.DrainToImmutable()));
        }
    }

    public Corpus Build(string name)
    {
        var split = CorpusSplit.Of(_documents, options);
        var statistics = new CorpusStatistics(
            Bytes(split.Training), Bytes(split.Validation), _readDocuments, _readParagraphs, _exact, _near, _notProse, split.Overlaps, InvalidBytes);
        return new(name, split.Training, split.Validation, statistics);
    }

    private string? Admit(RawParagraph paragraph)
    {
        var text = MarkedText.Plain(paragraph.MarkedText);
        if (text.Length < MinimumLength || !SentenceShape.IsProse(paragraph.MarkedText))
        {
            _notProse++;
            return null;
        }

        if (!_texts.Add(text))
        {
            _exact++;
            return null;
        }

        var shape = SentenceShape.Of(paragraph.MarkedText);
        var seen = _shapes.GetValueOrDefault(shape);
        if (seen >= options.ParagraphsPerShape)
        {
            _near++;
            return null;
        }

        _shapes[shape] = seen + 1;
        return text;
    }

    private static long Bytes(ImmutableArray<CorpusDocument> documents) =>
        documents.Sum(document => (long)Encoding.UTF8.GetByteCount(document.Text));
}
