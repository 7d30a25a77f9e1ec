using Rubato.Core;

namespace Rubato.Models.Corpora;

/// <summary>The English text in the XML documentation of the installed .NET SDK's reference packs: the default training corpus.</summary>
/// <remarks>One document per documented member, ordered by the member's documentation id (ordinal); overloads share a title.</remarks>
public static class XmlDocumentationCorpus
{
    /// <summary>Reads the reference packs of the .NET SDK that is installed on this machine.</summary>
    /// <exception cref="RubatoException">No SDK with reference packs was found, or a file in them is broken.</exception>
    public static Corpus Load(CorpusOptions? options = null)
    {
        var roots = ReferencePacks.CandidateRoots().ToList();
        var files = roots.Select(ReferencePacks.DocumentationFiles).FirstOrDefault(found => found.Count > 0);
        return files is not null
            ? Read(files, options)
            : throw new RubatoException(
                $"No reference packs with XML documentation in {string.Join(", ", roots)}: "
                + "install the .NET SDK, set DOTNET_ROOT, or give --corpus PATH.");
    }

    /// <summary>Reads the given XML documentation files; of a member that stands in several, the first counts.</summary>
    /// <param name="files">Paths, in the order of precedence.</param>
    /// <param name="options">How to de-duplicate and split; null for the default.</param>
    /// <exception cref="RubatoException">A file cannot be read or is not well-formed.</exception>
    public static Corpus Read(IEnumerable<string> files, CorpusOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        var members = new Dictionary<string, List<RawParagraph>>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            try
            {
                using var stream = File.OpenRead(file);
                DocumentationFile.ReadInto(stream, file, members);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new RubatoException($"{file}: cannot be read: {exception.Message}", exception);
            }
        }

        var builder = new CorpusBuilder(options ?? CorpusOptions.Default);
        foreach (var id in members.Keys.Order(StringComparer.Ordinal))
        {
            builder.Add(id, MemberName.Full(id), members[id]);
        }

        return builder.Build("dotnet-xml-documentation");
    }
}
