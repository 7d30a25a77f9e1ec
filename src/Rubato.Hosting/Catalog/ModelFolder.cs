namespace Rubato.Hosting.Catalog;

/// <summary>The GGUF files below a folder. Links to files are followed (model caches are full of them), links to folders are not.</summary>
internal static class ModelFolder
{
    /// <summary>How deep below the folder files are looked for.</summary>
    public const int DepthMax = 4;

    /// <summary>Most files of one folder that are listed.</summary>
    public const int FilesMax = 1000;

    private const int FoldersMax = 10_000;

    /// <summary>The files in order of their paths; what cannot be read is passed over.</summary>
    public static IReadOnlyList<string> Find(string folder)
    {
        var files = new List<string>();
        var waiting = new Queue<(string Path, int Depth)>([(folder, 0)]);
        for (var seen = 0; waiting.TryDequeue(out var next) && seen < FoldersMax && files.Count < FilesMax; seen++)
        {
            foreach (var entry in Entries(next.Path))
            {
                if (entry is DirectoryInfo { LinkTarget: null } inner && next.Depth < DepthMax)
                {
                    waiting.Enqueue((inner.FullName, next.Depth + 1));
                }
                else if (entry is FileInfo && entry.Name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
                {
                    files.Add(entry.FullName);
                }
            }
        }

        return [.. files.Order(StringComparer.Ordinal).Take(FilesMax)];
    }

    private static IEnumerable<FileSystemInfo> Entries(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Take(FoldersMax)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            return [];
        }
    }
}
