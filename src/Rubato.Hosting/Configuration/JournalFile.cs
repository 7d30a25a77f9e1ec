using Rubato.Core;

namespace Rubato.Hosting.Configuration;

/// <summary>The file of a recorded run. Only its owner can read it: it holds the tokens of every conversation.</summary>
internal static class JournalFile
{
    private const int BufferBytes = 1 << 16;

    /// <exception cref="RubatoException">The file cannot be written.</exception>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = BufferBytes };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new FileStream(path, options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"The journal {path} cannot be written: {error.Message}", error);
        }
    }
}
