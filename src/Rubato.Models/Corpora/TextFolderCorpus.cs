using System.Text;
using Rubato.Core;

namespace Rubato.Models.Corpora;

/// <summary>A corpus from a text file, or from every .txt and .md file under a folder; UTF-8.</summary>
/// <remarks>
/// Paragraphs are separated by blank lines; consecutive paragraphs of a file are gathered into documents of about
/// <see cref="DocumentCharacters"/> characters so that one file can be split. Bytes that are not UTF-8 become U+FFFD and are counted.
/// </remarks>
public static class TextFolderCorpus
{
    private const int DocumentCharacters = 2_000;
    private const long MaximumFileBytes = 1L << 30;

    /// <summary>Reads the file or folder at <paramref name="path"/>.</summary>
    /// <exception cref="RubatoException">The path does not exist, cannot be read, or holds too little text to split.</exception>
    public static Corpus Load(string path, CorpusOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var builder = new CorpusBuilder(options ?? CorpusOptions.Default);
        foreach (var file in Files(path))
        {
            try
            {
                AddFile(builder, file, Path.GetRelativePath(path, file));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new RubatoException($"{file}: cannot be read: {exception.Message}", exception);
            }
        }

        var corpus = builder.Build(Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))));
        return !corpus.TrainingDocuments.IsEmpty && !corpus.ValidationDocuments.IsEmpty
            ? corpus
            : throw new RubatoException(
                $"{path}: {corpus.Statistics.TrainingBytes} bytes of distinct prose are too few to split into training and validation; "
                + "give at least a few pages.");
    }

    private static IEnumerable<string> Files(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new RubatoException($"--corpus {path}: no such file or folder.");
        }

        var files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file).ToLowerInvariant() is ".txt" or ".md")
            .Order(StringComparer.Ordinal)
            .ToList();
        return files.Count > 0 ? files : throw new RubatoException($"--corpus {path}: the folder holds no .txt or .md file.");
    }

    private static void AddFile(CorpusBuilder builder, string file, string name)
    {
        if (new FileInfo(file).Length > MaximumFileBytes)
        {
            throw new RubatoException($"{file}: larger than {MaximumFileBytes} bytes; split it into several files.");
        }

        var counter = new CountingFallback();
        var encoding = Encoding.GetEncoding("utf-8", EncoderFallback.ReplacementFallback, counter);
        var text = File.ReadAllText(file, encoding);
        builder.InvalidBytes += counter.Count;
        var number = 0;
        foreach (var document in Documents(text))
        {
            builder.Add($"{name}#{++number}", "", document);
        }
    }

    private static IEnumerable<List<RawParagraph>> Documents(string text)
    {
        var document = new List<RawParagraph>();
        var length = 0;
        foreach (var paragraph in Paragraphs(text))
        {
            document.Add(new(ParagraphKind.Prose, "", paragraph));
            length += paragraph.Length;
            if (length >= DocumentCharacters)
            {
                yield return document;
                document = [];
                length = 0;
            }
        }

        if (document.Count > 0)
        {
            yield return document;
        }
    }

    private static IEnumerable<string> Paragraphs(string text)
    {
        var paragraph = new StringBuilder();
        foreach (var line in text.Split('\n'))
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                paragraph.Append(line).Append(' ');
            }
            else if (paragraph.Length > 0)
            {
                yield return MarkedText.NormalizeWhiteSpace(paragraph.ToString());
                paragraph.Clear();
            }
        }

        if (paragraph.Length > 0)
        {
            yield return MarkedText.NormalizeWhiteSpace(paragraph.ToString());
        }
    }
}
