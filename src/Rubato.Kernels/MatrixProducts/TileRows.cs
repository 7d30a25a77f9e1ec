using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>A number of rows known to the JIT, which drops the code of the rows that are not there.</summary>
internal interface ITileRows
{
    static abstract int Rows { get; }
}

internal readonly struct OneRow : ITileRows
{
    public static int Rows => 1;
}

internal readonly struct TwoRows : ITileRows
{
    public static int Rows => 2;
}

internal readonly struct ThreeRows : ITileRows
{
    public static int Rows => 3;
}

internal readonly struct FourRows : ITileRows
{
    public static int Rows => 4;
}

/// <summary>The end of a tile: the results of one row of activations to memory.</summary>
internal static unsafe class TileResult
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* y, Vector128<float> sums, int outputs, bool add)
    {
        switch (outputs)
        {
            case 4:
                (add ? Vector128.Load(y) + sums : sums).Store(y);
                return;
            case 3:
                y[2] = add ? y[2] + sums[2] : sums[2];
                goto case 2;
            case 2:
                y[1] = add ? y[1] + sums[1] : sums[1];
                goto default;
            default:
                y[0] = add ? y[0] + sums[0] : sums[0];
                return;
        }
    }
}
