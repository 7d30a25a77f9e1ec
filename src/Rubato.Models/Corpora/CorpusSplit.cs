using System.Collections.Immutable;
using System.Text;
using Rubato.Core;

namespace Rubato.Models.Corpora;

/// <summary>Documents split into training and validation by a hash of their titles, so that the split repeats anywhere.</summary>
/// <remarks>
/// Documents of one title (the overloads of a method) stay together. Titles are ranked by their hash and held out from the
/// lowest hash up until the validation part has its share of the bytes. Afterwards a held-out paragraph that also stands inside
/// a training paragraph is dropped, so that no held-out paragraph occurs anywhere in the training text.
/// </remarks>
internal readonly record struct CorpusSplit(
    ImmutableArray<CorpusDocument> Training, ImmutableArray<CorpusDocument> Validation, int Overlaps)
{
    public static CorpusSplit Of(IReadOnlyList<CorpusDocument> documents, CorpusOptions options)
    {
        var heldOut = HeldOutTitles(documents, options);
        var training = documents.Where(document => !heldOut.Contains(Key(document))).ToImmutableArray();
        var candidates = documents.Where(document => heldOut.Contains(Key(document))).ToImmutableArray();
        var known = ContainedParagraphs.Find(training, candidates);
        var validation = ImmutableArray.CreateBuilder<CorpusDocument>();
        foreach (var document in candidates)
        {
            var kept = document.Paragraphs.RemoveAll(paragraph => known.Contains(paragraph.Text));
            if (!kept.IsEmpty)
            {
                validation.Add(kept.Length == document.Paragraphs.Length ? document : document with { Paragraphs = kept });
            }
        }

        return new(training, validation.DrainToImmutable(), known.Count);
    }

    private static HashSet<string> HeldOutTitles(IReadOnlyList<CorpusDocument> documents, CorpusOptions options)
    {
        var groups = documents
            .GroupBy(Key, StringComparer.Ordinal)
            .Select(group => (Title: group.Key, Bytes: group.Sum(document => (long)Encoding.UTF8.GetByteCount(document.Text))))
            .OrderBy(group => Hash(group.Title))
            .ThenBy(group => group.Title, StringComparer.Ordinal)
            .ToList();
        var wanted = Math.Min(groups.Sum(group => group.Bytes) / options.ValidationShare, options.MaximumValidationBytes);
        var heldOut = new HashSet<string>(StringComparer.Ordinal);
        long taken = 0;
        foreach (var group in groups.Take(groups.Count - 1))
        {
            if (taken >= wanted)
            {
                break;
            }

            heldOut.Add(group.Title);
            taken += group.Bytes;
        }

        return heldOut;
    }

    private static string Key(CorpusDocument document) => document.Title.Length > 0 ? document.Title : document.Text;

    private static ulong Hash(string text)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var unit in text)
        {
            hash = unchecked((hash ^ unit) * 0x100000001b3UL);
        }

        return Prng.Mix(hash, 0);
    }
}
