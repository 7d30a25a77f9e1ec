using Rubato.Core;
using Rubato.Kernels.Memory;

namespace Rubato.Models.Files;

/// <summary>Writes files that are never seen half-written: the target holds its old content or all of the new one.</summary>
/// <remarks>
/// The content goes to a temporary file in the target's folder, is flushed to disk, checked, and renamed over the target; then
/// the folder is flushed. Whatever ends the process at whatever moment (a full disk, kill -9, a power cut) leaves the last
/// good file. The temporary file is called <c>.NAME.PID-N.rubato-tmp</c> and its writer holds a lock on it, so the next write
/// of the same target recognises the leftovers of dead writers and removes them; two live writers do not disturb each other.
/// </remarks>
public static class AtomicFile
{
    internal const string TemporarySuffix = ".rubato-tmp";

    private const int BufferBytes = 1 << 20;
    private const int AttemptsMax = 16;
    private static int _serial;

    /// <summary>Writes the file at <paramref name="path"/>; a link is followed, an existing file keeps its permissions.</summary>
    /// <param name="path">The target; its folder must exist.</param>
    /// <param name="write">Writes the whole content.</param>
    /// <param name="verify">Reads the temporary file, whose path it gets, and throws when it must not become the target.</param>
    /// <exception cref="RubatoException">The file cannot be written. The target is as it was.</exception>
    public static void Write(string path, Action<Stream> write, Action<string>? verify = null) => Write(path, write, verify, static s => s);

    /// <summary>Finds out whether <see cref="Write(string, Action{Stream}, Action{string})"/> could start: makes the temporary file that it would make and removes it.</summary>
    /// <param name="path">The target, which is left alone; its folder must exist.</param>
    /// <exception cref="RubatoException">No file can be written there.</exception>
    public static void CheckWritable(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = CreateTemporary(Resolve(path));
            File.Delete(file.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"{path}: cannot be written: {OneLine(e.Message)}", e);
        }
    }

    /// <summary>As the public method, with <paramref name="wrap"/> put around the file's stream: where tests inject faults.</summary>
    internal static void Write(string path, Action<Stream> write, Action<string>? verify, Func<Stream, Stream> wrap)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var target = Resolve(path);
            RemoveLeftovers(target);
            WriteAndRename(target, write, verify, wrap);
            _ = NativeFolder.Flush(Path.GetDirectoryName(target)!); // A refusal only delays the rename's way to disk.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || IsTooLarge(e))
        {
            throw new RubatoException($"{path}: cannot be written: {OneLine(e.Message)} What was there before is unchanged.", e);
        }
    }

    private static void WriteAndRename(string target, Action<Stream> write, Action<string>? verify, Func<Stream, Stream> wrap)
    {
        using var file = CreateTemporary(target);
        try
        {
            var stream = wrap(file);
            write(stream);
            stream.Flush();
            file.Flush(flushToDisk: true);
            verify?.Invoke(file.Name);
            if (!OperatingSystem.IsWindows() && File.Exists(target))
            {
                File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(target));
            }

            File.Move(file.Name, target, overwrite: true);
        }
        catch
        {
            TryDelete(file.Name);
            throw;
        }
    }

    /// <summary>The file that the path means, links followed.</summary>
    /// <exception cref="RubatoException">It is a folder, or its folder does not exist.</exception>
    internal static string Resolve(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw new RubatoException($"{path}: is a folder; the path of a file is needed.");
        }

        var target = new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
        var folder = Path.GetDirectoryName(target);
        return Directory.Exists(folder)
            ? target
            : throw new RubatoException(File.Exists(folder)
                ? $"{path}: {folder} is a file, not a folder."
                : $"{path}: the folder {folder} does not exist; create it first.");
    }

    /// <summary>Opens a temporary file that no other writer has. The lock that the handle holds says that its writer lives.</summary>
    private static FileStream CreateTemporary(string target)
    {
        for (var attempt = 1; ; attempt++)
        {
            var serial = Interlocked.Increment(ref _serial);
            var path = Path.Combine(
                Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Environment.ProcessId}-{serial}{TemporarySuffix}");
            try
            {
                var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, BufferBytes);
                if (File.Exists(path))
                {
                    return file; // Locked and still there: from now on nobody takes it for a leftover.
                }

                file.Dispose(); // Another writer's cleaning fell between making the file and locking it.
            }
            catch (IOException) when (attempt < AttemptsMax)
            {
                // As above but later, or a process of the same number in another container has this name: try the next one.
            }
        }
    }

    private static void RemoveLeftovers(string target)
    {
        foreach (var path in Directory.EnumerateFiles(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.*{TemporarySuffix}"))
        {
            try
            {
                using var abandoned = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its writer lives, or it is not ours to delete: it stays.
            }
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next write of the same target removes it.
        }
    }

    /// <summary>How the base library says that the file system, or the user's quota, holds no file of this size (EFBIG).</summary>
    private static bool IsTooLarge(Exception e) => e is ArgumentOutOfRangeException && e.TargetSite?.DeclaringType == typeof(RandomAccess);

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");
}
