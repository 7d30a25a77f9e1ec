using System.Runtime.CompilerServices;

namespace Rubato.Kernels.Panels;

/// <summary>
/// Codes of 32 columns in bit planes: four low bits of two quads of columns in a vector (or two of four quads), then their higher bits,
/// two of four quads or one of eight in a vector. Codes of eight bits lie as they are.
/// </summary>
internal static unsafe class PanelCodes
{
    /// <summary>Reads the quads 2 · <paramref name="pair"/> and 2 · <paramref name="pair"/> + 1 of 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TSimd, TVector, TFormat>(byte* chunk, int pair, out TVector first, out TVector second)
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
        where TFormat : IPanelFormat
    {
        var bytes = 4 * TSimd.Rows;
        switch (TFormat.CodeBits)
        {
            case 8:
                first = TSimd.Load(chunk + (2 * pair * bytes));
                second = TSimd.Load(chunk + (((2 * pair) + 1) * bytes));
                return;
            case 4:
                ReadFour<TSimd, TVector>(chunk, pair, out first, out second);
                return;
            case 5:
                ReadFour<TSimd, TVector>(chunk, pair, out first, out second);
                AddHigh<TSimd, TVector>(TSimd.ShiftRight(TSimd.Load(chunk + (4 * bytes)), 2 * pair), 1, 4, ref first, ref second);
                return;
            case 6:
                ReadFour<TSimd, TVector>(chunk, pair, out first, out second);
                AddHigh<TSimd, TVector>(
                    TSimd.ShiftRight(TSimd.Load(chunk + ((4 + (pair / 2)) * bytes)), 4 * (pair % 2)), 3, 4, ref first, ref second);
                return;
            case 3:
                ReadTwo<TSimd, TVector>(chunk, pair, out first, out second);
                AddHigh<TSimd, TVector>(TSimd.ShiftRight(TSimd.Load(chunk + (2 * bytes)), 2 * pair), 1, 2, ref first, ref second);
                return;
            default:
                ReadTwo<TSimd, TVector>(chunk, pair, out first, out second);
                return;
        }
    }

    /// <summary>Writes the codes of one row in 32 columns, as <see cref="Read"/> reads them.</summary>
    /// <param name="quads">Eight times four codes.</param>
    /// <param name="bits">Bits of a code.</param>
    /// <param name="target">Where the row's lane of the first vector lies.</param>
    /// <param name="bytes">Bytes of a vector.</param>
    public static void Write(uint* quads, int bits, byte* target, int bytes)
    {
        if (bits == 8)
        {
            for (var quad = 0; quad < 8; quad++)
            {
                *(uint*)(target + (quad * bytes)) = quads[quad];
            }

            return;
        }

        var low = bits >= 4 ? 4 : 2;
        var vectors = WritePlane(quads, 0, low, target, bytes);
        if (bits > low)
        {
            WritePlane(quads, low, bits - low, target + (vectors * bytes), bytes);
        }
    }

    private static int WritePlane(uint* quads, int shift, int bits, byte* target, int bytes)
    {
        var mask = ((1u << bits) - 1) * 0x0101_0101u;
        var perVector = 8 / bits;
        for (var vector = 0; vector < bits; vector++)
        {
            var packed = 0u;
            for (var i = 0; i < perVector; i++)
            {
                packed |= ((quads[(vector * perVector) + i] >> shift) & mask) << (i * bits);
            }

            *(uint*)(target + (vector * bytes)) = packed;
        }

        return bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadFour<TSimd, TVector>(byte* plane, int pair, out TVector first, out TVector second)
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
    {
        var mask = TSimd.Broadcast((byte)15);
        var packed = TSimd.Load(plane + (pair * 4 * TSimd.Rows));
        first = TSimd.And(packed, mask);
        second = TSimd.And(TSimd.ShiftRight(packed, 4), mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadTwo<TSimd, TVector>(byte* plane, int pair, out TVector first, out TVector second)
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
    {
        var mask = TSimd.Broadcast((byte)3);
        var packed = TSimd.ShiftRight(TSimd.Load(plane + (pair / 2 * 4 * TSimd.Rows)), 4 * (pair % 2));
        first = TSimd.And(packed, mask);
        second = TSimd.And(TSimd.ShiftRight(packed, 2), mask);
    }

    /// <summary>Adds bits of a plane (its lowest are the first quad's, the next the second's) above the lowest <paramref name="low"/> bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddHigh<TSimd, TVector>(TVector plane, byte mask, int low, ref TVector first, ref TVector second)
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
    {
        var bits = mask == 1 ? 1 : 2;
        var wanted = TSimd.Broadcast((byte)(mask << low));
        first = TSimd.Or(first, TSimd.And(TSimd.ShiftLeft(plane, low), wanted));
        second = TSimd.Or(second, TSimd.And(TSimd.ShiftLeft(plane, low - bits), wanted));
    }
}
