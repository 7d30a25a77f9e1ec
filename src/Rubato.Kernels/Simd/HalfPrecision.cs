using System.Runtime.CompilerServices;

namespace Rubato.Kernels.Simd;

/// <summary>A short form of half → single for scales in inner loops.</summary>
internal static class HalfPrecision
{
    /// <summary>The value of IEEE half-precision <paramref name="bits"/>, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(ushort bits)
    {
        var magnitude = (bits & 0x7fffu) << 13;
        var value = magnitude >= 0x7c00u << 13
            ? BitConverter.UInt32BitsToSingle(magnitude | 0x7f800000u)
            : BitConverter.UInt32BitsToSingle(magnitude) * 5.192296858534828e33f; // 2¹¹²: the exponent's bias grows from 15 to 127.
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) | ((bits & 0x8000u) << 16));
    }
}
