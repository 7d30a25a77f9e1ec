using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>2 × 3 elements, two accumulators each (lanes 0…7, 8…15): 10 loads for 12 multiply-adds, 15 of 16 registers.</summary>
internal readonly unsafe struct Tile256 : ITile
{
    public static int Tokens => 2;

    public static int Outputs => 3;

    public static void Multiply(
        float* x, nint xStride, int tokens, float* w, nint wStride, int outputs, int length, float* y, nint yStride, bool add)
    {
        switch (tokens)
        {
            case 1:
                Multiply<OneRow>(x, xStride, w, wStride, outputs, length, y, yStride, add);
                break;
            default:
                Multiply<TwoRows>(x, xStride, w, wStride, outputs, length, y, yStride, add);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TRows>(
        float* x, nint xStride, float* w, nint wStride, int outputs, int length, float* y, nint yStride, bool add)
        where TRows : ITileRows
    {
        // A tile at the edge repeats its last row and drops the result.
        var w1 = w + (Math.Min(1, outputs - 1) * wStride);
        var w2 = w + (Math.Min(2, outputs - 1) * wStride);
        var x1 = x + (TRows.Rows > 1 ? xStride : 0);
        var zero = Vector256<float>.Zero;
        Vector256<float> r00L = zero, r00U = zero, r01L = zero, r01U = zero, r02L = zero, r02U = zero;
        Vector256<float> r10L = zero, r10U = zero, r11L = zero, r11U = zero, r12L = zero, r12U = zero;
        for (nint i = 0; i < length; i += Lanes.Count)
        {
            var a0L = Vector256.Load(x + i);
            var a1L = Vector256.Load(x1 + i);
            var b0L = Vector256.Load(w + i);
            r00L = Vector256.FusedMultiplyAdd(a0L, b0L, r00L);
            r10L = TRows.Rows > 1 ? Vector256.FusedMultiplyAdd(a1L, b0L, r10L) : r10L;
            var b1L = Vector256.Load(w1 + i);
            r01L = Vector256.FusedMultiplyAdd(a0L, b1L, r01L);
            r11L = TRows.Rows > 1 ? Vector256.FusedMultiplyAdd(a1L, b1L, r11L) : r11L;
            var b2L = Vector256.Load(w2 + i);
            r02L = Vector256.FusedMultiplyAdd(a0L, b2L, r02L);
            r12L = TRows.Rows > 1 ? Vector256.FusedMultiplyAdd(a1L, b2L, r12L) : r12L;

            var a0U = Vector256.Load(x + i + 8);
            var a1U = Vector256.Load(x1 + i + 8);
            var b0U = Vector256.Load(w + i + 8);
            r00U = Vector256.FusedMultiplyAdd(a0U, b0U, r00U);
            r10U = TRows.Rows > 1 ? Vector256.FusedMultiplyAdd(a1U, b0U, r10U) : r10U;
            var b1U = Vector256.Load(w1 + i + 8);
            r01U = Vector256.FusedMultiplyAdd(a0U, b1U, r01U);
            r11U = TRows.Rows > 1 ? Vector256.FusedMultiplyAdd(a1U, b1U, r11U) : r11U;
            var b2U = Vector256.Load(w2 + i + 8);
            r02U = Vector256.FusedMultiplyAdd(a0U, b2U, r02U);
            r12U = TRows.Rows > 1 ? Vector256.FusedMultiplyAdd(a1U, b2U, r12U) : r12U;
        }

        TileResult.Store(y, Lanes.Sum(
            Lanes.Fold(r00L, r00U), Lanes.Fold(r01L, r01U), Lanes.Fold(r02L, r02U), default), outputs, add);
        if (TRows.Rows > 1)
        {
            TileResult.Store(y + yStride, Lanes.Sum(
            Lanes.Fold(r10L, r10U), Lanes.Fold(r11L, r11U), Lanes.Fold(r12L, r12U), default), outputs, add);
        }
    }
}
