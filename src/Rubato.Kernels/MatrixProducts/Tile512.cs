using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>4 × 4 elements, one accumulator each: 8 loads for 16 multiply-adds.</summary>
internal readonly unsafe struct Tile512 : ITile
{
    public static int Tokens => 4;

    public static int Outputs => 4;

    public static void Multiply(
        float* x, nint xStride, int tokens, float* w, nint wStride, int outputs, int length, float* y, nint yStride, bool add)
    {
        switch (tokens)
        {
            case 1:
                Multiply<OneRow>(x, xStride, w, wStride, outputs, length, y, yStride, add);
                break;
            case 2:
                Multiply<TwoRows>(x, xStride, w, wStride, outputs, length, y, yStride, add);
                break;
            case 3:
                Multiply<ThreeRows>(x, xStride, w, wStride, outputs, length, y, yStride, add);
                break;
            default:
                Multiply<FourRows>(x, xStride, w, wStride, outputs, length, y, yStride, add);
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
        var w3 = w + (Math.Min(3, outputs - 1) * wStride);
        var x1 = x + (TRows.Rows > 1 ? xStride : 0);
        var x2 = x + (TRows.Rows > 2 ? 2 * xStride : 0);
        var x3 = x + (TRows.Rows > 3 ? 3 * xStride : 0);
        var zero = Vector512<float>.Zero;
        Vector512<float> r00 = zero, r01 = zero, r02 = zero, r03 = zero;
        Vector512<float> r10 = zero, r11 = zero, r12 = zero, r13 = zero;
        Vector512<float> r20 = zero, r21 = zero, r22 = zero, r23 = zero;
        Vector512<float> r30 = zero, r31 = zero, r32 = zero, r33 = zero;
        for (nint i = 0; i < length; i += Lanes.Count)
        {
            var b0 = Vector512.Load(w + i);
            var b1 = Vector512.Load(w1 + i);
            var b2 = Vector512.Load(w2 + i);
            var b3 = Vector512.Load(w3 + i);
            var a0 = Vector512.Load(x + i);
            r00 = Vector512.FusedMultiplyAdd(a0, b0, r00);
            r01 = Vector512.FusedMultiplyAdd(a0, b1, r01);
            r02 = Vector512.FusedMultiplyAdd(a0, b2, r02);
            r03 = Vector512.FusedMultiplyAdd(a0, b3, r03);

            if (TRows.Rows > 1)
            {
                var a1 = Vector512.Load(x1 + i);
                r10 = Vector512.FusedMultiplyAdd(a1, b0, r10);
                r11 = Vector512.FusedMultiplyAdd(a1, b1, r11);
                r12 = Vector512.FusedMultiplyAdd(a1, b2, r12);
                r13 = Vector512.FusedMultiplyAdd(a1, b3, r13);
            }

            if (TRows.Rows > 2)
            {
                var a2 = Vector512.Load(x2 + i);
                r20 = Vector512.FusedMultiplyAdd(a2, b0, r20);
                r21 = Vector512.FusedMultiplyAdd(a2, b1, r21);
                r22 = Vector512.FusedMultiplyAdd(a2, b2, r22);
                r23 = Vector512.FusedMultiplyAdd(a2, b3, r23);
            }

            if (TRows.Rows > 3)
            {
                var a3 = Vector512.Load(x3 + i);
                r30 = Vector512.FusedMultiplyAdd(a3, b0, r30);
                r31 = Vector512.FusedMultiplyAdd(a3, b1, r31);
                r32 = Vector512.FusedMultiplyAdd(a3, b2, r32);
                r33 = Vector512.FusedMultiplyAdd(a3, b3, r33);
            }
        }

        TileResult.Store(y, Lanes.Sum(Fold(r00), Fold(r01), Fold(r02), Fold(r03)), outputs, add);
        if (TRows.Rows > 1)
        {
            TileResult.Store(y + yStride, Lanes.Sum(Fold(r10), Fold(r11), Fold(r12), Fold(r13)), outputs, add);
        }

        if (TRows.Rows > 2)
        {
            TileResult.Store(y + (2 * yStride), Lanes.Sum(Fold(r20), Fold(r21), Fold(r22), Fold(r23)), outputs, add);
        }

        if (TRows.Rows > 3)
        {
            TileResult.Store(y + (3 * yStride), Lanes.Sum(Fold(r30), Fold(r31), Fold(r32), Fold(r33)), outputs, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Fold(Vector512<float> lanes) => Lanes.Fold(lanes.GetLower(), lanes.GetUpper());
}
