using System.Runtime.InteropServices;

namespace Rubato.Kernels.Memory;

/// <summary>What the base library lacks for mapped memory: saying that pages are not needed for now, or that large ones are welcome.</summary>
internal static unsafe partial class NativePages
{
    private const int NotNeeded = 4; // MADV_DONTNEED on Linux
    private const int HugePages = 14; // MADV_HUGEPAGE on Linux

    /// <summary>Takes pages of a read-only file mapping out of the process. Only a hint: does nothing on systems other than Linux.</summary>
    /// <param name="start">The address that the mapping begins at.</param>
    /// <param name="length">Its bytes.</param>
    public static void Release(byte* start, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(start, (nuint)length, NotNeeded);
        }
    }

    /// <summary>Asks for huge pages: fewer address translations where large stretches are copied. Only a hint, and on Linux only.</summary>
    /// <param name="start">An address that a huge page may begin at.</param>
    /// <param name="length">Bytes from there.</param>
    public static void AdviseHuge(byte* start, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(start, (nuint)length, HugePages);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* start, nuint length, int advice);
}
