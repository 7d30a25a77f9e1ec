using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Kernels.Memory;

namespace Rubato.Hosting.Transfers.Tiers;

/// <summary>A file without a name: made for this process, readable by its owner alone until it is unlinked a moment later, written once from end to end.</summary>
/// <remarks>
/// Writing zeros makes the file system find the space now: no disk is full later, and no write has to turn unwritten extents into written ones.
/// Input and output bypass the page cache where the file system allows.
/// </remarks>
internal sealed class SwapFile : IDisposable
{
    private const int ChunkBytes = 1 << 20;

    private static int _folderFiles;

    private readonly FileStream _stream;

    private SwapFile(string path, FileStream stream)
    {
        Path = path;
        _stream = stream;
    }

    /// <summary>Where it was made; the name is gone.</summary>
    public string Path { get; }

    /// <summary>Whether the page cache is bypassed: offsets, lengths and addresses are multiples of 4,096 then.</summary>
    public bool IsDirect { get; private set; }

    /// <summary>How it is read and written, in a few words.</summary>
    public string Manner => IsDirect ? "direct I/O" : "buffered I/O";

    /// <summary>For positional reads and writes.</summary>
    public SafeFileHandle Handle => _stream.SafeFileHandle;

    /// <summary>Makes the file; takes as long as writing it.</summary>
    /// <param name="path">A file that does not exist, or a folder to put one into.</param>
    /// <param name="bytes">Its length; a multiple of 4,096.</param>
    /// <param name="log">Gets what the operator should know.</param>
    /// <param name="beforeWrite">Called with the offset of every write; a test throws there what a disk would. Null in production.</param>
    /// <exception cref="InvalidOptionException">The path cannot be used, or the space does not suffice.</exception>
    public static SwapFile Create(string path, long bytes, ILogger log, Action<long>? beforeWrite = null)
    {
        var name = Directory.Exists(path)
            ? System.IO.Path.Combine(path, $"rubato-swap-{Environment.ProcessId}-{Interlocked.Increment(ref _folderFiles)}")
            : path;
        CheckSpace(name, bytes);
        var file = new SwapFile(name, Open(name));
        try
        {
            file.IsDirect = NativeDirectInput.TrySet(file.Handle, on: true);
            file.WriteZeros(bytes, beforeWrite);
            if (!file.IsDirect)
            {
                TransferLog.Buffered(log, name);
            }

            TransferLog.FileReady(log, name, ByteSize.Format(bytes), file.Manner);
            return file;
        }
        catch (Exception error)
        {
            file.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new InvalidOptionException(
                    $"swap file {name}: {ByteSize.Format(bytes)} cannot be written there ({error.Message.ReplaceLineEndings(" ")}); give another folder or a smaller size.");
            }

            throw;
        }
    }

    /// <summary>Closes the file, which frees its space.</summary>
    public void Dispose() => _stream.Dispose();

    private static FileStream Open(string name)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, // Follows no link and takes no file that somebody else put there.
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            var stream = new FileStream(name, options);
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(name);
            }

            return stream;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InvalidOptionException(
                File.Exists(name)
                    ? $"swap file {name}: it exists, and is not overwritten; name one that does not, or a folder."
                    : $"swap file {name}: it cannot be made ({error.Message.ReplaceLineEndings(" ")}); name a file in a folder that this user may write to.");
        }
    }

    private static void CheckSpace(string name, long bytes)
    {
        long free;
        try
        {
            free = new DriveInfo(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(name)) ?? "/").AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return; // Opening the file says what is wrong, or writing it does.
        }

        if (free < bytes)
        {
            throw new InvalidOptionException(
                $"swap file {name}: {ByteSize.Format(bytes)} are wanted and {ByteSize.Format(free)} are free there; give another folder or a smaller size.");
        }
    }

    private void WriteZeros(long bytes, Action<long>? beforeWrite)
    {
        using var zeros = new NativeRegion(ChunkBytes);
        for (long offset = 0; offset < bytes; offset += ChunkBytes)
        {
            beforeWrite?.Invoke(offset);
            var chunk = zeros.Slice(0, (int)Math.Min(ChunkBytes, bytes - offset));
            try
            {
                RandomAccess.Write(Handle, chunk, offset);
            }
            catch (IOException) when (IsDirect && offset == 0)
            {
                // Some file systems accept the flag and refuse the writes.
                IsDirect = !NativeDirectInput.TrySet(Handle, on: false);
                RandomAccess.Write(Handle, chunk, offset);
            }
        }
    }
}
