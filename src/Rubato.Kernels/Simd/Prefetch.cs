using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Rubato.Kernels.Simd;

/// <summary>Asks for memory before it is needed. Hardware prefetchers lose track of short rows that are read side by side.</summary>
internal static unsafe class Prefetch
{
    /// <summary>How far ahead to ask in bytes: some 300 ns of a core's share of memory bandwidth.</summary>
    public const int Ahead = 8 * 1024;

    /// <summary>Bytes that one request brings.</summary>
    public const int LineBytes = 64;

    /// <summary>Starts to load the line that holds <paramref name="address"/>, which may be any address, mapped or not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(byte* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>Starts to load a stretch of memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(byte* start, long bytes)
    {
        for (var line = 0L; line < bytes; line += LineBytes)
        {
            Line(start + line);
        }
    }
}
