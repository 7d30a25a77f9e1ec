using System.Text.RegularExpressions;
using Rubato.Core;

namespace Rubato.Hosting.Catalog;

/// <summary>What clients may read of an error: files by name, without the folders of this machine.</summary>
internal static partial class ErrorTexts
{
    /// <summary>The message without folders; of errors that no rule explains, only that there was one.</summary>
    /// <param name="error">What went wrong with a model.</param>
    /// <param name="path">The model's file.</param>
    public static string WithoutPaths(Exception error, string path) => error is not RubatoException
        ? "The model could not be loaded; the server's log says why."
        : Folders().Replace(error.Message.Replace(path, Path.GetFileName(path), StringComparison.Ordinal)
            .Replace(Path.GetFullPath(path), Path.GetFileName(path), StringComparison.Ordinal), "");

    /// <summary>The folders of an absolute path that stands at the beginning, or behind a blank, a quote or a bracket.</summary>
    [GeneratedRegex("""(?<=^|[\s'"(=])(?:[A-Za-z]:)?[/\\](?:[^/\\'"\s]+[/\\])*(?=[^/\\'"\s])""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Folders();
}
