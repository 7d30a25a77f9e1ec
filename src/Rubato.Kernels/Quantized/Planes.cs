using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Quantized;

/// <summary>Bits of codes spread over the bytes of a block, 32 bytes at a time.</summary>
internal static unsafe class Planes
{
    /// <summary>A half-precision number at any address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Half(byte* address) => HalfPrecision.ToSingle(Unsafe.ReadUnaligned<ushort>(address));

    /// <summary>Codes of 32 numbers in 16 bytes: low halves of the bytes first, then the high halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Nibbles(byte* packed)
    {
        var bytes = Vector128.Load(packed);
        return Vector256.Create(bytes & Vector128.Create((byte)15), bytes >>> 4);
    }

    /// <summary>Code <paramref name="index"/> of 32 in 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Nibble(byte* packed, int index) => (packed[index % 16] >> (index / 16 * 4)) & 15;

    /// <summary><paramref name="value"/> in each byte whose bit in <paramref name="bits"/> is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Spread(uint bits, byte value)
    {
        // Byte i gets byte i / 8 of the bits, of which it tests bit i % 8.
        const ulong Everywhere = 0x0101_0101_0101_0101;
        var spread = Vector256.Create(
            (bits & 0xFF) * Everywhere, ((bits >> 8) & 0xFF) * Everywhere, ((bits >> 16) & 0xFF) * Everywhere, (bits >> 24) * Everywhere).AsByte();
        var mask = Vector256.Create(0x8040_2010_0804_0201ul).AsByte();
        return Vector256.Equals(spread & mask, mask) & Vector256.Create(value);
    }
}
