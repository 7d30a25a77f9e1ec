using System.Globalization;
using Rubato.Core;

namespace Rubato.Models.Files;

/// <summary>
/// A file that grows over a long time under a name of its own, <c>NAME.partial</c>, and takes the name NAME when it is complete. What
/// ends the process before leaves both: the older file NAME, and all that was written under the other name.
/// </summary>
/// <remarks>
/// A partial file that is there already, from a process that was killed or still runs, is left alone: the new one is called
/// <c>NAME.2.partial</c>, and so on. Devices under /dev are written to directly.
/// </remarks>
public sealed class PartialFile : IDisposable
{
    private const int NamesMax = 1000;
    private readonly string? _target;

    private PartialFile(FileStream stream, string? target) => (Stream, _target) = (stream, target);

    /// <summary>What to write to; the file disposes it.</summary>
    public FileStream Stream { get; }

    /// <summary>Where the bytes go until the file is complete.</summary>
    public string PartialPath => Stream.Name;

    /// <summary>Makes the partial file.</summary>
    /// <param name="path">The name when complete; a link is followed. Its folder must exist.</param>
    /// <param name="bufferBytes">Bytes held back before they are written; 0 writes each call's bytes at once, so a killed process loses none.</param>
    /// <param name="ownerOnly">Whether only the file's owner may read it.</param>
    /// <exception cref="RubatoException">No file can be written there.</exception>
    public static PartialFile Create(string path, int bufferBytes = 1 << 16, bool ownerOnly = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = bufferBytes };
        if (ownerOnly && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            if (!OperatingSystem.IsWindows() && Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal))
            {
                return new(new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferBytes), null);
            }

            var target = AtomicFile.Resolve(path);
            return new(CreateStream(target, options), target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"{path}: cannot be written: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Puts the file, as far as it was written, in the place of NAME.</summary>
    /// <exception cref="RubatoException">It cannot be; it stays under its partial name, and what NAME was before is unchanged.</exception>
    public void Complete()
    {
        try
        {
            Stream.Flush(flushToDisk: _target is not null);
            Stream.Dispose();
            if (_target is not null)
            {
                File.Move(Stream.Name, _target, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"{_target}: cannot be written: {e.Message.ReplaceLineEndings(" ")} What there is of it is in {Stream.Name}.", e);
        }
    }

    /// <summary>Removes the partial file.</summary>
    public void Discard()
    {
        Stream.Dispose();
        if (_target is not null)
        {
            File.Delete(Stream.Name);
        }
    }

    /// <summary>Closes the file; unless it was completed or discarded it stays under its partial name.</summary>
    public void Dispose() => Stream.Dispose();

    private static FileStream CreateStream(string target, FileStreamOptions options)
    {
        for (var number = 1; ; number++)
        {
            var path = target + (number == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $".{number}")) + ".partial";
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (File.Exists(path) && number < NamesMax)
            {
                // Another run's; the next name.
            }
        }
    }
}
