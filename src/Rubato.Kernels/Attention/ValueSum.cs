using System.Runtime.CompilerServices;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Attention;

/// <summary>Adds values weighted by softmax numerators: output[r, d] += Σⱼ factors[r, j] · values[j, d], position by position.</summary>
internal static unsafe class ValueSum
{
    /// <summary>The definition.</summary>
    public static void AddScalar(float* factors, int factorStride, int rows, float* values, int stride, int count, float* output)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var j = 0; j < count; j++)
            {
                for (var d = 0; d < stride; d++)
                {
                    var sum = output[(row * stride) + d];
                    output[(row * stride) + d] = Fused.MultiplyAdd(factors[((nint)row * factorStride) + j], values[(j * stride) + d], sum);
                }
            }
        }
    }

    /// <summary>One or four rows, two vectors of columns at a time. The stride is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<TSimd, TVector, TRows>(float* factors, int factorStride, float* values, int stride, int count, float* output)
        where TSimd : ISimd<TVector>
        where TVector : struct
        where TRows : ITileRows
    {
        for (var column = 0; column < stride; column += 2 * TSimd.Count)
        {
            // An odd last vector is computed twice, to the same result.
            var second = column + TSimd.Count < stride ? TSimd.Count : 0;
            AddColumns<TSimd, TVector, TRows>(factors, factorStride, values + column, second, stride, count, output + column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddColumns<TSimd, TVector, TRows>(
        float* factors, int factorStride, float* values, int second, int stride, int count, float* output)
        where TSimd : ISimd<TVector>
        where TVector : struct
        where TRows : ITileRows
    {
        var next = TRows.Rows > 1 ? stride : 0;
        var r00 = TSimd.Load(output);
        var r01 = TSimd.Load(output + second);
        var r10 = TSimd.Load(output + next);
        var r11 = TSimd.Load(output + next + second);
        var r20 = TSimd.Load(output + (2 * next));
        var r21 = TSimd.Load(output + (2 * next) + second);
        var r30 = TSimd.Load(output + (3 * next));
        var r31 = TSimd.Load(output + (3 * next) + second);
        for (var j = 0; j < count; j++)
        {
            var v0 = TSimd.Load(values);
            var v1 = TSimd.Load(values + second);
            var f = TSimd.Broadcast(factors[j]);
            r00 = TSimd.MultiplyAdd(f, v0, r00);
            r01 = TSimd.MultiplyAdd(f, v1, r01);
            if (TRows.Rows > 1)
            {
                f = TSimd.Broadcast(factors[factorStride + j]);
                r10 = TSimd.MultiplyAdd(f, v0, r10);
                r11 = TSimd.MultiplyAdd(f, v1, r11);
                f = TSimd.Broadcast(factors[(2 * factorStride) + j]);
                r20 = TSimd.MultiplyAdd(f, v0, r20);
                r21 = TSimd.MultiplyAdd(f, v1, r21);
                f = TSimd.Broadcast(factors[(3 * factorStride) + j]);
                r30 = TSimd.MultiplyAdd(f, v0, r30);
                r31 = TSimd.MultiplyAdd(f, v1, r31);
            }

            values += stride;
        }

        TSimd.Store(output, r00);
        TSimd.Store(output + second, r01);
        if (TRows.Rows > 1)
        {
            TSimd.Store(output + next, r10);
            TSimd.Store(output + next + second, r11);
            TSimd.Store(output + (2 * next), r20);
            TSimd.Store(output + (2 * next) + second, r21);
            TSimd.Store(output + (3 * next), r30);
            TSimd.Store(output + (3 * next) + second, r31);
        }
    }
}
