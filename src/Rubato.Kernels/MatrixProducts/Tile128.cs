using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>1 × 2 elements, four accumulators each.</summary>
internal readonly unsafe struct Tile128 : ITile
{
    public static int Tokens => 1;

    public static int Outputs => 2;

    public static void Multiply(
        float* x, nint xStride, int tokens, float* w, nint wStride, int outputs, int length, float* y, nint yStride, bool add)
    {
        Multiply(x, w, wStride, outputs, length, y, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* x, float* w, nint wStride, int outputs, int length, float* y, bool add)
    {
        // A tile at the edge repeats its last row and drops the result.
        var w1 = w + (Math.Min(1, outputs - 1) * wStride);
        var zero = Vector128<float>.Zero;
        Vector128<float> r00A = zero, r00B = zero, r00C = zero, r00D = zero, r01A = zero, r01B = zero, r01C = zero, r01D = zero;
        for (nint i = 0; i < length; i += Lanes.Count)
        {
            var a0A = Vector128.Load(x + i);
            var b0A = Vector128.Load(w + i);
            r00A = Simd128.MultiplyAdd(a0A, b0A, r00A);
            var b1A = Vector128.Load(w1 + i);
            r01A = Simd128.MultiplyAdd(a0A, b1A, r01A);

            var a0B = Vector128.Load(x + i + 4);
            var b0B = Vector128.Load(w + i + 4);
            r00B = Simd128.MultiplyAdd(a0B, b0B, r00B);
            var b1B = Vector128.Load(w1 + i + 4);
            r01B = Simd128.MultiplyAdd(a0B, b1B, r01B);

            var a0C = Vector128.Load(x + i + 8);
            var b0C = Vector128.Load(w + i + 8);
            r00C = Simd128.MultiplyAdd(a0C, b0C, r00C);
            var b1C = Vector128.Load(w1 + i + 8);
            r01C = Simd128.MultiplyAdd(a0C, b1C, r01C);

            var a0D = Vector128.Load(x + i + 12);
            var b0D = Vector128.Load(w + i + 12);
            r00D = Simd128.MultiplyAdd(a0D, b0D, r00D);
            var b1D = Vector128.Load(w1 + i + 12);
            r01D = Simd128.MultiplyAdd(a0D, b1D, r01D);
        }

        TileResult.Store(y, Lanes.Sum(
            (r00A + r00C) + (r00B + r00D), (r01A + r01C) + (r01B + r01D), default, default), outputs, add);
    }
}
