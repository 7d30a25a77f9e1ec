using System.Collections.Immutable;

namespace Rubato.Models.Corpora;

/// <summary>Finds which paragraphs of some documents stand, as a whole, inside the text of others (Rabin–Karp on the first characters).</summary>
internal static class ContainedParagraphs
{
    private const int Window = 16;
    private const ulong Base = 0x9e3779b97f4a7c15UL;

    /// <summary>The texts of <paramref name="candidates"/>' paragraphs that occur in the text of <paramref name="documents"/>.</summary>
    public static HashSet<string> Find(ImmutableArray<CorpusDocument> documents, ImmutableArray<CorpusDocument> candidates)
    {
        var byPrefix = candidates
            .SelectMany(document => document.Paragraphs)
            .Select(paragraph => paragraph.Text)
            .Where(text => text.Length >= Window)
            .Distinct(StringComparer.Ordinal)
            .ToLookup(text => HashOf(text.AsSpan(0, Window)));
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var document in documents)
        {
            Search(document.Text, byPrefix, found);
        }

        return found;
    }

    private static void Search(string text, ILookup<ulong, string> byPrefix, HashSet<string> found)
    {
        if (text.Length < Window)
        {
            return;
        }

        var hash = HashOf(text.AsSpan(0, Window));
        var leading = LeadingFactor();
        for (var start = 0; ; start++)
        {
            foreach (var candidate in byPrefix[hash])
            {
                if (text.AsSpan(start).StartsWith(candidate, StringComparison.Ordinal))
                {
                    found.Add(candidate);
                }
            }

            if (start + Window >= text.Length)
            {
                return;
            }

            hash = unchecked((hash - text[start] * leading) * Base + text[start + Window]);
        }
    }

    private static ulong HashOf(ReadOnlySpan<char> window)
    {
        var hash = 0UL;
        foreach (var unit in window)
        {
            hash = unchecked(hash * Base + unit);
        }

        return hash;
    }

    private static ulong LeadingFactor()
    {
        var factor = 1UL;
        for (var i = 1; i < Window; i++)
        {
            factor = unchecked(factor * Base);
        }

        return factor;
    }
}
