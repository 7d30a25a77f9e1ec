using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Normalization;

/// <summary>Root-mean-square normalisation: y = x / √(mean(x²) + ε) · w.</summary>
/// <remarks>Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.</remarks>
public static unsafe class RmsNorm
{
    private const int NumbersPerItem = 16 * 1024;

    /// <summary>Normalises each row.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="x">Input, [rows, weights.Length].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="weights">The scale of each column.</param>
    /// <param name="epsilon">Added to the mean square; keeps a row of zeros finite.</param>
    /// <param name="y">Output of the same shape; may be the input.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Normalize(WorkerGang gang, ReadOnlySpan<float> x, int rows, ReadOnlySpan<float> weights, float epsilon, Span<float> y) =>
        Normalize(gang, x, rows, weights, epsilon, y, VectorSupport.Widest);

    internal static void Normalize(
        WorkerGang gang, ReadOnlySpan<float> x, int rows, ReadOnlySpan<float> weights, float epsilon, Span<float> y, VectorWidth width)
    {
        var columns = weights.Length;
        if (x.Length < (long)rows * columns || y.Length < (long)rows * columns)
        {
            throw new ArgumentException($"{rows} rows of {columns} numbers do not fit in {x.Length} and {y.Length}.");
        }

        fixed (float* xPointer = x, weightsPointer = weights, yPointer = y)
        {
            var rowsPerItem = Math.Max(NumbersPerItem / Math.Max(columns, 1), 1);
            var work = new Work(xPointer, weightsPointer, yPointer, rows, columns, rowsPerItem, epsilon, width);
            gang.Run(ref work, (rows + rowsPerItem - 1) / rowsPerItem);
        }
    }

    /// <summary>Normalises some heads of each row in place, each head by itself.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="x">Rows <paramref name="stride"/> numbers apart.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="stride">Distance of rows in numbers.</param>
    /// <param name="offset">Where in a row the first head begins.</param>
    /// <param name="heads">Number of heads, side by side.</param>
    /// <param name="weights">The scale of each number of a head; as long as a head.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <exception cref="ArgumentException">The span is too short, or the heads leave their row.</exception>
    public static void NormalizeHeads(
        WorkerGang gang, Span<float> x, int rows, int stride, int offset, int heads, ReadOnlySpan<float> weights, float epsilon) =>
        NormalizeHeads(gang, x, rows, stride, offset, heads, weights, epsilon, VectorSupport.Widest);

    internal static void NormalizeHeads(
        WorkerGang gang, Span<float> x, int rows, int stride, int offset, int heads, ReadOnlySpan<float> weights, float epsilon, VectorWidth width)
    {
        if (offset < 0 || stride < offset + ((long)heads * weights.Length) || x.Length < (long)rows * stride)
        {
            throw new ArgumentException($"{rows} rows of {heads} heads of {weights.Length} at {offset} do not fit in {x.Length} at stride {stride}.");
        }

        fixed (float* xPointer = x, weightsPointer = weights)
        {
            var rowsPerItem = Math.Max(NumbersPerItem / Math.Max(heads * weights.Length, 1), 1);
            var work = new HeadsWork(xPointer + offset, weightsPointer, rows, stride, heads, weights.Length, rowsPerItem, epsilon, width);
            gang.Run(ref work, (rows + rowsPerItem - 1) / rowsPerItem);
        }
    }

    /// <summary>One row, whatever the width.</summary>
    private static void Normalize(float* x, float* weights, int columns, float epsilon, float* y, VectorWidth width)
    {
        switch (width)
        {
            case VectorWidth.Bits512:
                NormalizeVector<Simd512, Vector512<float>>(x, weights, columns, epsilon, y);
                break;
            case VectorWidth.Bits256:
                NormalizeVector<Simd256, Vector256<float>>(x, weights, columns, epsilon, y);
                break;
            case VectorWidth.Bits128:
                NormalizeVector<Simd128, Vector128<float>>(x, weights, columns, epsilon, y);
                break;
            default:
                NormalizeScalar(x, weights, columns, epsilon, y);
                break;
        }
    }

    /// <summary>The definition for one row.</summary>
    [SkipLocalsInit]
    private static void NormalizeScalar(float* x, float* weights, int columns, float epsilon, float* y)
    {
        var lanes = stackalloc float[Lanes.Count];
        new Span<float>(lanes, Lanes.Count).Clear();
        for (var i = 0; i < columns; i++)
        {
            lanes[i % Lanes.Count] = Fused.MultiplyAdd(x[i], x[i], lanes[i % Lanes.Count]);
        }

        var factor = Factor(lanes, columns, epsilon);
        for (var i = 0; i < columns; i++)
        {
            y[i] = x[i] * factor * weights[i];
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NormalizeVector<TSimd, TVector>(float* x, float* weights, int columns, float epsilon, float* y)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var whole = columns & -Lanes.Count;
        var lanes = stackalloc float[Lanes.Count];
        for (var lane = 0; lane < Lanes.Count; lane += TSimd.Count)
        {
            var sum = TSimd.Broadcast(0);
            for (var i = lane; i < whole; i += Lanes.Count)
            {
                var value = TSimd.Load(x + i);
                sum = TSimd.MultiplyAdd(value, value, sum);
            }

            TSimd.Store(lanes + lane, sum);
        }

        for (var i = whole; i < columns; i++)
        {
            lanes[i % Lanes.Count] = Fused.MultiplyAdd(x[i], x[i], lanes[i % Lanes.Count]);
        }

        var factor = Factor(lanes, columns, epsilon);
        for (var i = 0; i < whole; i += TSimd.Count)
        {
            TSimd.Store(y + i, TSimd.Multiply(TSimd.Multiply(TSimd.Load(x + i), TSimd.Broadcast(factor)), TSimd.Load(weights + i)));
        }

        for (var i = whole; i < columns; i++)
        {
            y[i] = x[i] * factor * weights[i];
        }
    }

    private static float Factor(float* lanes, int columns, float epsilon) => 1 / MathF.Sqrt((Lanes.Sum(lanes) / columns) + epsilon);

    private readonly struct Work(
        float* x, float* weights, float* y, int rows, int columns, int rowsPerItem, float epsilon, VectorWidth width) : IGangWork
    {
        public void Execute(int item, int worker)
        {
            for (var row = item * rowsPerItem; row < Math.Min((item + 1) * rowsPerItem, rows); row++)
            {
                var offset = (nint)row * columns;
                Normalize(x + offset, weights, columns, epsilon, y + offset, width);
            }
        }
    }

    private readonly struct HeadsWork(
        float* x, float* weights, int rows, int stride, int heads, int columns, int rowsPerItem, float epsilon, VectorWidth width) : IGangWork
    {
        public void Execute(int item, int worker)
        {
            for (var row = item * rowsPerItem; row < Math.Min((item + 1) * rowsPerItem, rows); row++)
            {
                for (var head = 0; head < heads; head++)
                {
                    var values = x + ((nint)row * stride) + (head * columns);
                    Normalize(values, weights, columns, epsilon, values, width);
                }
            }
        }
    }
}
