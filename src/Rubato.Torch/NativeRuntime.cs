using System.Runtime.InteropServices;

namespace Rubato.Torch;

/// <summary>Settings of the C library and of OpenMP, which libtorch's CPU operations stand on.</summary>
/// <remarks>For Linux with glibc; elsewhere nothing is set.</remarks>
internal static class NativeRuntime
{
    private const string LibraryName = "libc.so.6";
    private const int TrimThreshold = -1;
    private const int MaximumMappings = -4;
    private const int MaximumArenas = -8;

    /// <summary>Sets everything that has to be set before libtorch is loaded.</summary>
    public static void Prepare()
    {
        if (OperatingSystem.IsLinux()
            && NativeLibrary.TryLoad(LibraryName, out var library)
            && NativeLibrary.TryGetExport(library, "mallopt", out _))
        {
            KeepFreedMemory();
            SleepWhileWaiting();
        }
    }

    /// <summary>
    /// Keeps freed blocks of any size for reuse. By default glibc gives blocks above 32 MB (the logits of a step) back to the
    /// kernel at once, and the page faults of the next ones cost more than the matrix product that fills them.
    /// </summary>
    private static void KeepFreedMemory()
    {
        _ = SetAllocatorOption(MaximumArenas, 1);
        _ = SetAllocatorOption(MaximumMappings, 0);
        _ = SetAllocatorOption(TrimThreshold, int.MaxValue);
    }

    /// <summary>
    /// Lets OpenMP's threads sleep at the end of a parallel loop instead of spinning, unless the user chose. On a machine with
    /// other work to do, a spinning thread keeps the one that it waits for from running.
    /// </summary>
    private static void SleepWhileWaiting() => _ = SetEnvironment("OMP_WAIT_POLICY", "passive", overwrite: 0);

    [DllImport(LibraryName, EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetAllocatorOption(int option, int value);

    /// <summary>The environment that native code reads; .NET keeps a copy of its own.</summary>
    [DllImport(LibraryName, EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironment(string name, string value, int overwrite);
}
