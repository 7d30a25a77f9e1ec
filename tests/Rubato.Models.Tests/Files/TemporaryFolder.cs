namespace Rubato.Models.Tests.Files;

/// <summary>A folder of its own for a test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Root { get; } = Directory.CreateTempSubdirectory("rubato-test-").FullName;

    internal IEnumerable<string> Entries => Directory.EnumerateFileSystemEntries(Root).Order(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    internal string Path(string name) => System.IO.Path.Combine(Root, name);
}
