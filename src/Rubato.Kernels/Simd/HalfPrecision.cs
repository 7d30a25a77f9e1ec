using System.Runtime.CompilerServices;

namespace Rubato.Kernels.Simd;

/// <summary>Half precision to single and back, in whole-number arithmetic: .NET has no instruction for either.</summary>
internal static class HalfPrecision
{
    /// <summary>What the exponent's bias of single precision (127) is larger by than that of half precision (15), in place.</summary>
    public const uint BiasDifference = 112u << 23;

    /// <summary>One less than half of a half's last place, in bits of a single.</summary>
    public const uint JustUnderHalf = 0xfff;

    /// <summary>The bits of 0.5: its last place is that of a subnormal half, so that an addition to it rounds as they do.</summary>
    public const uint OneHalf = 126u << 23;

    /// <summary>The bits of the least single that is a normal half: 2⁻¹⁴.</summary>
    public const int SmallestNormal = 113 << 23;

    /// <summary>The bits of the least single whose exponent no half has: 2¹⁶.</summary>
    public const int TooLarge = 143 << 23;

    /// <summary>The bits of an infinite single.</summary>
    public const int Infinity = 255 << 23;

    /// <summary>The bits of an infinite half.</summary>
    public const uint HalfInfinity = 0x7c00;

    /// <summary>The bits of a half that is no number.</summary>
    public const uint HalfNaN = 0x7e00;

    /// <summary>The value of IEEE half-precision <paramref name="bits"/>, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(ushort bits)
    {
        var magnitude = (bits & 0x7fffu) << 13;
        var value = magnitude >= HalfInfinity << 13
            ? BitConverter.UInt32BitsToSingle(magnitude | 0x7f800000u)
            : BitConverter.UInt32BitsToSingle(magnitude) * 5.192296858534828e33f; // 2¹¹²: the exponent's bias grows from 15 to 127.
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) | ((bits & 0x8000u) << 16));
    }

    /// <summary>
    /// The definition of single to half: the nearest half, ties to the even one; what lies beyond the largest half by half a place or more is
    /// infinite; every NaN becomes the quiet NaN of its sign.
    /// </summary>
    public static ushort FromSingle(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        var magnitude = bits & int.MaxValue;
        var half = magnitude switch
        {
            > Infinity => HalfNaN,
            >= TooLarge => HalfInfinity,
            < SmallestNormal => BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) + 0.5f) - OneHalf,

            // A carry out of the fraction goes to the exponent, as it should: up to infinity.
            _ => (magnitude - BiasDifference + JustUnderHalf + ((magnitude >> 13) & 1)) >> 13,
        };
        return (ushort)(half | ((bits >> 16) & 0x8000u));
    }
}
