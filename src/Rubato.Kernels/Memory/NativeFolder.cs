using System.Runtime.InteropServices;

namespace Rubato.Kernels.Memory;

/// <summary>What the base library lacks for folders: making a rename inside one survive a power cut.</summary>
public static partial class NativeFolder
{
    private const int ReadOnlyFolderCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC on Linux

    /// <summary>Flushes the folder's entries to disk (fsync). Does nothing on systems other than Linux.</summary>
    /// <returns>False when the operating system refused; the entries are then written at its own pace.</returns>
    public static bool Flush(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        var descriptor = Open(folder, ReadOnlyFolderCloseOnExec);
        if (descriptor < 0)
        {
            return false;
        }

        var flushed = Fsync(descriptor) == 0;
        _ = Close(descriptor);
        return flushed;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
