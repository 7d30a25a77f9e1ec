using Rubato.Core;

namespace Rubato.Hosting.Configuration;

/// <summary>The file of a recorded run. Only its owner can read it: it holds the tokens of every conversation.</summary>
internal static class JournalFile
{
    private const int BufferBytes = 1 << 16;

    /// <exception cref="RubatoException">The file cannot be written.</exception>
    /// <param name="path">The journal. A file of that name is replaced.</param>
    /// <param name="modelPath">The model that is served, which must not be the target.</param>
    public static FileStream Create(string path, string modelPath)
    {
        if (SameFile(path, modelPath))
        {
            throw new RubatoException($"The journal {path} would overwrite the model that is served: give another file.");
        }

        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = BufferBytes };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            var file = new FileStream(path, options);
            if (!OperatingSystem.IsWindows() && !Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal))
            {
                // An older file of that name may have been readable by others.
                File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"The journal {path} cannot be written: {error.Message}", error);
        }
    }

    private static bool SameFile(string a, string b) => Target(a) == Target(b);

    private static string Target(string path) =>
        File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : Path.GetFullPath(path);
}
