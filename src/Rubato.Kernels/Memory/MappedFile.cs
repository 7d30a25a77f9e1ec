using System.IO.MemoryMappedFiles;
using Rubato.Core;

namespace Rubato.Kernels.Memory;

/// <summary>A file mapped into memory for reading: pages come from disk when touched and are shared between processes.</summary>
/// <remarks>
/// Replacing the file by rename is safe (the mapping keeps the old content); shortening it in place by another program is not:
/// the operating system then ends a process that touches the missing pages.
/// </remarks>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly MemoryRegion _region;
    private bool _disposed;

    private MappedFile(string path, FileStream stream)
    {
        Path = path;
        if (stream.Length == 0)
        {
            return; // The operating system maps no empty files; an empty region says the same.
        }

        _file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, stream.Length, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _region = new(start + _view.PointerOffset, stream.Length, this);
    }

    /// <summary>The path that was opened.</summary>
    public string Path { get; }

    /// <summary>The content. The length is that of the file when it was opened.</summary>
    /// <exception cref="ObjectDisposedException">The file has been closed.</exception>
    public MemoryRegion Region
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _region;
        }
    }

    /// <summary>Maps the file at <paramref name="path"/>. Takes no lock, so that a file can be checked while its writer holds it.</summary>
    /// <exception cref="RubatoException">The file is missing, is a folder, or cannot be read or mapped.</exception>
    public static MappedFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new RubatoException($"{path}: is a folder; a file is needed.");
        }

        try
        {
            using var stream = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.RandomAccess);
            return new(path, stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RubatoException($"{path}: no such file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new RubatoException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Takes the pages that have been touched out of this process; they come back when they are touched again.</summary>
    public void ReleasePages()
    {
        if (Region.Length > 0)
        {
            NativePages.Release(_region.Pointer, _region.Length);
        }
    }

    /// <summary>Unmaps the file. Regions and spans of it must not be used any more.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
        }

        _file?.Dispose();
    }
}
