using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Rows;

/// <summary>Adds rows to rows: biases, residuals, and weighted sums of rows that lie elsewhere.</summary>
public static unsafe class RowSum
{
    private const int NumbersPerItem = 16 * 1024;

    /// <summary>Adds one row to all: y[r] += bias.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="y">[rows, bias.Length].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="bias">What to add.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void AddBias(WorkerGang gang, Span<float> y, int rows, ReadOnlySpan<float> bias)
    {
        CheckFits(y.Length, rows, bias.Length);
        fixed (float* target = y, source = bias)
        {
            Run(gang, new(target, rows, bias.Length, source, sourceStride: 0, slots: null, scales: null, terms: 1, VectorSupport.Widest));
        }
    }

    /// <summary>Adds row by row: y[r] += x[r].</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="y">[rows, columns].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Numbers in a row.</param>
    /// <param name="x">What to add, [rows, columns].</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Add(WorkerGang gang, Span<float> y, int rows, int columns, ReadOnlySpan<float> x)
    {
        CheckFits(y.Length, rows, columns);
        CheckFits(x.Length, rows, columns);
        fixed (float* target = y, source = x)
        {
            Run(gang, new(target, rows, columns, source, columns, slots: null, scales: null, terms: 1, VectorSupport.Widest));
        }
    }

    /// <summary>Adds weighted rows from anywhere, in order: y[r] += Σⱼ scales[r, j] · x[slots[r, j]], each term rounded as <see cref="Fused"/> says.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="y">[rows, columns].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Numbers in a row.</param>
    /// <param name="x">Rows of the same length.</param>
    /// <param name="slots">Which rows of <paramref name="x"/> to add, [rows, terms].</param>
    /// <param name="scales">The factor of each, [rows, terms].</param>
    /// <exception cref="ArgumentException">A span is too short, or a slot lies outside <paramref name="x"/>.</exception>
    public static void AddWeighted(
        WorkerGang gang, Span<float> y, int rows, int columns, ReadOnlySpan<float> x, ReadOnlySpan<int> slots, ReadOnlySpan<float> scales) =>
        AddWeighted(gang, y, rows, columns, x, slots, scales, VectorSupport.Widest);

    internal static void AddWeighted(
        WorkerGang gang, Span<float> y, int rows, int columns, ReadOnlySpan<float> x, ReadOnlySpan<int> slots, ReadOnlySpan<float> scales,
        VectorWidth width)
    {
        CheckFits(y.Length, rows, columns);
        var terms = rows == 0 ? 0 : slots.Length / rows;
        if (slots.Length != rows * terms || scales.Length != slots.Length
            || slots.ContainsAnyExceptInRange(0, (x.Length / Math.Max(columns, 1)) - 1))
        {
            throw new ArgumentException($"{slots.Length} slots and {scales.Length} factors for {rows} rows, or a slot outside {x.Length} numbers.");
        }

        fixed (float* target = y, source = x, factors = scales)
        fixed (int* places = slots)
        {
            Run(gang, new(target, rows, columns, source, columns, places, factors, terms, width));
        }
    }

    private static void CheckFits(int length, int rows, int columns)
    {
        if (length < (long)rows * columns)
        {
            throw new ArgumentException($"{rows} rows of {columns} numbers do not fit in {length}.");
        }
    }

    private static void Run(WorkerGang gang, Work work) => gang.Run(ref work, work.Items);

    /// <summary>The definition for one term, from number <paramref name="start"/> on.</summary>
    private static void AddScalar(float* y, float* x, float scale, int start, int columns)
    {
        for (var i = start; i < columns; i++)
        {
            y[i] = Fused.MultiplyAdd(x[i], scale, y[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddVector<TSimd, TVector>(float* y, float* x, float scale, int columns)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var factor = TSimd.Broadcast(scale);
        var i = 0;
        for (; i <= columns - TSimd.Count; i += TSimd.Count)
        {
            TSimd.Store(y + i, TSimd.MultiplyAdd(TSimd.Load(x + i), factor, TSimd.Load(y + i)));
        }

        AddScalar(y, x, scale, i, columns);
    }

    private readonly struct Work(
        float* y, int rows, int columns, float* x, int sourceStride, int* slots, float* scales, int terms, VectorWidth width) : IGangWork
    {
        private readonly int _rowsPerItem = Math.Max(NumbersPerItem / Math.Max(columns * Math.Max(terms, 1), 1), 1);

        public int Items => (rows + _rowsPerItem - 1) / _rowsPerItem;

        public void Execute(int item, int worker)
        {
            for (var row = item * _rowsPerItem; row < Math.Min((item + 1) * _rowsPerItem, rows); row++)
            {
                for (var term = row * terms; term < (row + 1) * terms; term++)
                {
                    var source = x + ((nint)(slots is null ? row : slots[term]) * sourceStride);
                    Add(y + ((nint)row * columns), source, scales is null ? 1 : scales[term]);
                }
            }
        }

        private void Add(float* target, float* source, float scale)
        {
            switch (width)
            {
                case VectorWidth.Bits512:
                    AddVector<Simd512, Vector512<float>>(target, source, scale, columns);
                    break;
                case VectorWidth.Bits256:
                    AddVector<Simd256, Vector256<float>>(target, source, scale, columns);
                    break;
                case VectorWidth.Bits128:
                    AddVector<Simd128, Vector128<float>>(target, source, scale, columns);
                    break;
                default:
                    AddScalar(target, source, scale, 0, columns);
                    break;
            }
        }
    }
}
