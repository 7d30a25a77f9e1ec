using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rubato.Hosting.Transfers.Tiers;

/// <summary>What the base library lacks for files: reading and writing past the page cache (O_DIRECT), on Linux.</summary>
internal static class NativeDirectInput
{
    private const int GetFlags = 3; // F_GETFL
    private const int SetFlags = 4; // F_SETFL

    /// <summary>Switches it for an open file.</summary>
    /// <returns>False when the system or the file system knows no such thing; nothing has changed then.</returns>
    public static bool TrySet(SafeFileHandle handle, bool on)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var direct = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x10000 : 0x4000;
        var flags = FileControl(handle, GetFlags, 0);
        return flags >= 0 && FileControl(handle, SetFlags, on ? flags | direct : flags & ~direct) == 0;
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FileControl(SafeFileHandle handle, int command, int argument);
}
