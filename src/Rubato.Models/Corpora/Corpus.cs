using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Rubato.Models.Corpora;

/// <summary>Text to train on and text held out from it, without duplicates inside or between the two.</summary>
/// <param name="Name">What the corpus is called in logs and model metadata.</param>
/// <param name="TrainingDocuments">The documents to learn from, in a fixed order.</param>
/// <param name="ValidationDocuments">The documents to measure on, in a fixed order.</param>
/// <param name="Statistics">What was read, kept and dropped.</param>
public sealed record Corpus(
    string Name,
    ImmutableArray<CorpusDocument> TrainingDocuments,
    ImmutableArray<CorpusDocument> ValidationDocuments,
    CorpusStatistics Statistics)
{
    /// <summary>A hash of every document and of the split (SHA-256, 64 lowercase hexadecimal digits).</summary>
    public string Fingerprint { get; } = ComputeFingerprint(TrainingDocuments, ValidationDocuments);

    private static string ComputeFingerprint(params ReadOnlySpan<ImmutableArray<CorpusDocument>> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            foreach (var document in part)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(document.Text));
                hash.AppendData([0]);
            }

            hash.AppendData([1]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>What was read, kept and dropped while a corpus was made.</summary>
/// <param name="TrainingBytes">UTF-8 bytes of the training documents.</param>
/// <param name="ValidationBytes">UTF-8 bytes of the validation documents.</param>
/// <param name="ReadDocuments">Documents found in the source.</param>
/// <param name="ReadParagraphs">Paragraphs found in the source.</param>
/// <param name="ExactDuplicates">Paragraphs dropped because the same sentence stood earlier.</param>
/// <param name="NearDuplicates">Paragraphs dropped because an earlier one differs in names and numbers only.</param>
/// <param name="NotProse">Paragraphs dropped because they are not sentences (code, instruction lists, fragments).</param>
/// <param name="Overlaps">Validation paragraphs dropped because they stand inside a longer training paragraph.</param>
/// <param name="InvalidBytes">Sequences of bytes that are not UTF-8, replaced by U+FFFD while reading.</param>
public sealed record CorpusStatistics(
    long TrainingBytes,
    long ValidationBytes,
    int ReadDocuments,
    int ReadParagraphs,
    int ExactDuplicates,
    int NearDuplicates,
    int NotProse,
    int Overlaps,
    long InvalidBytes);
