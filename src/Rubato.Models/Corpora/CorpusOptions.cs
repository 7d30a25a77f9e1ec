namespace Rubato.Models.Corpora;

/// <summary>How a corpus is de-duplicated and split.</summary>
public sealed record CorpusOptions
{
    /// <summary>The default: one document of each shape, a 24th of the text but at most 240,000 bytes held out.</summary>
    public static CorpusOptions Default { get; } = new();

    /// <summary>How many paragraphs that differ only in names and numbers are kept; at least 1.</summary>
    public int ParagraphsPerShape { get; init; } = 1;

    /// <summary>One byte in this many is held out for validation; at least 2.</summary>
    public int ValidationShare { get; init; } = 24;

    /// <summary>The most bytes held out for validation; at least 1.</summary>
    public int MaximumValidationBytes { get; init; } = 240_000;
}
