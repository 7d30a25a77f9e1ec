using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>
/// One row of activations times four rows of weights, read in their stored form and widened in registers: with one token there is
/// nothing to gain from decoding them to memory first. Each element as <see cref="DotProduct"/> defines it over the decoded row.
/// </summary>
internal static unsafe class StoredRows
{
    /// <summary>Most rows of weights in a call.</summary>
    public const int Outputs = 4;

    /// <summary>y[o] = x · w[o], or y[o] += … when <paramref name="add"/> is set.</summary>
    /// <param name="x">Activations.</param>
    /// <param name="w">Weights, rows <paramref name="rowBytes"/> apart.</param>
    /// <param name="rowBytes">Distance of rows in bytes.</param>
    /// <param name="outputs">Rows of weights, 1 … 4.</param>
    /// <param name="length">Numbers in a row: whole blocks.</param>
    /// <param name="y">Results.</param>
    /// <param name="add">Add to what is there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TSimd, TVector, TReader>(float* x, byte* w, nint rowBytes, int outputs, int length, float* y, bool add)
        where TSimd : ISimd<TVector>
        where TVector : struct
        where TReader : IRowReader
    {
        // Rows that are not there repeat the last one. Letters are the vectors that make up 16 lanes, digits the rows.
        var w1 = w + (Math.Min(1, outputs - 1) * rowBytes);
        var w2 = w + (Math.Min(2, outputs - 1) * rowBytes);
        var w3 = w + (Math.Min(3, outputs - 1) * rowBytes);

        // Rows follow each other in memory: a whole number of tiles further lie rows that are needed soon.
        var ahead = (((Prefetch.Ahead - 1) / (Outputs * rowBytes)) + 1) * Outputs * rowBytes;
        var zero = TSimd.Broadcast(0);
        TVector a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
        TVector c0 = zero, c1 = zero, c2 = zero, c3 = zero, d0 = zero, d1 = zero, d2 = zero, d3 = zero;
        for (var i = 0; i < length; i += TReader.BlockLength)
        {
            Prefetch.Line(w + ahead);
            Prefetch.Line(w1 + ahead);
            Prefetch.Line(w2 + ahead);
            Prefetch.Line(w3 + ahead);
            var s0 = TReader.Scale<TSimd, TVector>(w);
            var s1 = TReader.Scale<TSimd, TVector>(w1);
            var s2 = TReader.Scale<TSimd, TVector>(w2);
            var s3 = TReader.Scale<TSimd, TVector>(w3);
            for (var lane = 0; lane < TReader.BlockLength; lane += Lanes.Count)
            {
                var v = TSimd.Load(x + i + lane);
                a0 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w, lane, s0), a0);
                a1 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w1, lane, s1), a1);
                a2 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w2, lane, s2), a2);
                a3 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w3, lane, s3), a3);
                if (TSimd.Count <= 8)
                {
                    var next = lane + TSimd.Count;
                    v = TSimd.Load(x + i + next);
                    b0 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w, next, s0), b0);
                    b1 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w1, next, s1), b1);
                    b2 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w2, next, s2), b2);
                    b3 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w3, next, s3), b3);
                }

                if (TSimd.Count <= 4)
                {
                    var next = lane + (2 * TSimd.Count);
                    v = TSimd.Load(x + i + next);
                    c0 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w, next, s0), c0);
                    c1 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w1, next, s1), c1);
                    c2 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w2, next, s2), c2);
                    c3 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w3, next, s3), c3);
                    next += TSimd.Count;
                    v = TSimd.Load(x + i + next);
                    d0 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w, next, s0), d0);
                    d1 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w1, next, s1), d1);
                    d2 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w2, next, s2), d2);
                    d3 = TSimd.MultiplyAdd(v, TReader.Read<TSimd, TVector>(w3, next, s3), d3);
                }
            }

            w += TReader.BlockBytes;
            w1 += TReader.BlockBytes;
            w2 += TReader.BlockBytes;
            w3 += TReader.BlockBytes;
        }

        var sums = Lanes.Sum(TSimd.Fold(a0, b0, c0, d0), TSimd.Fold(a1, b1, c1, d1), TSimd.Fold(a2, b2, c2, d2), TSimd.Fold(a3, b3, c3, d3));
        TileResult.Store(y, sums, outputs, add);
    }

    /// <summary>Whether rows of the format can be read in place.</summary>
    public static bool Handles(WeightFormat format) => format is WeightFormat.F16 or WeightFormat.BF16 or WeightFormat.Q8_0;

    /// <summary>Rows of weights from <paramref name="begin"/> to <paramref name="end"/>, in a format that can be read in place.</summary>
    public static void Multiply(WeightView weights, int begin, int end, float* x, float* y, bool add, VectorWidth width)
    {
        for (var output = begin; output < end; output += Outputs)
        {
            var row = weights.Row(output);
            var target = y + output;
            var outputs = Math.Min(Outputs, end - output);
            switch (width)
            {
                case VectorWidth.Bits512:
                    Multiply<Simd512, Vector512<float>>(weights, row, outputs, x, target, add);
                    break;
                case VectorWidth.Bits256:
                    Multiply<Simd256, Vector256<float>>(weights, row, outputs, x, target, add);
                    break;
                default:
                    Multiply<Simd128, Vector128<float>>(weights, row, outputs, x, target, add);
                    break;
            }
        }
    }

    private static void Multiply<TSimd, TVector>(WeightView weights, byte* row, int outputs, float* x, float* y, bool add)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var rowBytes = (nint)weights.RowBytes;
        switch (weights.Format)
        {
            case WeightFormat.F16:
                Multiply<TSimd, TVector, HalfReader>(x, row, rowBytes, outputs, weights.Inputs, y, add);
                break;
            case WeightFormat.BF16:
                Multiply<TSimd, TVector, BFloatReader>(x, row, rowBytes, outputs, weights.Inputs, y, add);
                break;
            default:
                Multiply<TSimd, TVector, Q8Reader>(x, row, rowBytes, outputs, weights.Inputs, y, add);
                break;
        }
    }
}
