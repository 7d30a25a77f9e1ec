using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Positions;

/// <summary>Rotary position embedding of interleaved pairs: (x₂ᵢ, x₂ᵢ₊₁) turns by position · base^(−2i / dimensions).</summary>
/// <remarks>
/// The layout of GGUF files of the "llama" architecture. Angles are computed in double precision and their sines and cosines
/// rounded once. Source: Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021.
/// </remarks>
public sealed unsafe class RotaryEmbedding
{
    private const int NumbersPerItem = 32 * 1024;

    private readonly double[] _frequencies;

    /// <summary>Prepares the frequencies.</summary>
    /// <param name="dimensions">Leading numbers of a head that turn: even, at least 2.</param>
    /// <param name="frequencyBase">Base of the frequencies, above 0; 10000 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public RotaryEmbedding(int dimensions, double frequencyBase)
    {
        if (dimensions < 2 || dimensions % 2 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, "Rotary dimensions are even and at least 2.");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frequencyBase);
        Dimensions = dimensions;
        _frequencies = new double[dimensions / 2];
        for (var pair = 0; pair < _frequencies.Length; pair++)
        {
            _frequencies[pair] = Math.Pow(frequencyBase, -2.0 * pair / dimensions);
        }
    }

    /// <summary>Leading numbers of a head that turn.</summary>
    public int Dimensions { get; }

    /// <summary>Computes the turns of some positions.</summary>
    /// <param name="positions">One position per row.</param>
    /// <param name="turns">
    /// [rows, 2 · Dimensions]: each row holds the cosines (c₀, c₀, c₁, c₁, …), then the signed sines (−s₀, s₀, −s₁, s₁, …).
    /// </param>
    public void ComputeTurns(ReadOnlySpan<int> positions, Span<float> turns)
    {
        foreach (var position in positions)
        {
            var cosines = turns[..Dimensions];
            var sines = turns[Dimensions..(2 * Dimensions)];
            for (var pair = 0; pair < _frequencies.Length; pair++)
            {
                var (sine, cosine) = Math.SinCos(position * _frequencies[pair]);
                cosines[2 * pair] = cosines[(2 * pair) + 1] = (float)cosine;
                sines[2 * pair] = -(float)sine;
                sines[(2 * pair) + 1] = (float)sine;
            }

            turns = turns[(2 * Dimensions)..];
        }
    }

    /// <summary>Turns all heads of all rows in place.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="x">Rows <paramref name="stride"/> numbers apart, each beginning with its heads.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="stride">Distance of rows in numbers.</param>
    /// <param name="heads">Heads in a row that turn.</param>
    /// <param name="headDimension">Numbers of a head, at least <see cref="Dimensions"/>.</param>
    /// <param name="turns">What <see cref="ComputeTurns"/> gave for the positions of the rows.</param>
    /// <exception cref="ArgumentException">A span is too short or the shape contradicts itself.</exception>
    public void Rotate(WorkerGang gang, Span<float> x, int rows, int stride, int heads, int headDimension, ReadOnlySpan<float> turns) =>
        Rotate(gang, x, rows, stride, heads, headDimension, turns, VectorSupport.Widest);

    internal void Rotate(
        WorkerGang gang, Span<float> x, int rows, int stride, int heads, int headDimension, ReadOnlySpan<float> turns, VectorWidth width)
    {
        if (headDimension < Dimensions || stride < (long)heads * headDimension || x.Length < ((rows - 1L) * stride) + (heads * headDimension)
            || turns.Length < 2L * rows * Dimensions)
        {
            throw new ArgumentException($"{rows} rows of {heads} heads of {headDimension} at stride {stride} do not fit in {x.Length}.");
        }

        fixed (float* xPointer = x, turnsPointer = turns)
        {
            var rowsPerItem = Math.Max(NumbersPerItem / Math.Max(stride, 1), 1);
            var work = new Work(xPointer, turnsPointer, rows, stride, heads, headDimension, Dimensions, rowsPerItem, width);
            gang.Run(ref work, (rows + rowsPerItem - 1) / rowsPerItem);
        }
    }

    /// <summary>The definition for one head, from number <paramref name="start"/> (even) on.</summary>
    private static void RotateScalar(float* head, float* turns, int start, int dimensions)
    {
        for (var i = start; i < dimensions; i += 2)
        {
            var (even, odd) = (head[i], head[i + 1]);
            head[i] = Fused.MultiplyAdd(even, turns[i], odd * turns[dimensions + i]);
            head[i + 1] = Fused.MultiplyAdd(odd, turns[i + 1], even * turns[dimensions + i + 1]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RotateVector<TSimd, TVector>(float* head, float* turns, int dimensions)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var i = 0;
        for (; i <= dimensions - TSimd.Count; i += TSimd.Count)
        {
            var value = TSimd.Load(head + i);
            var crossed = TSimd.Multiply(TSimd.SwapPairs(value), TSimd.Load(turns + dimensions + i));
            TSimd.Store(head + i, TSimd.MultiplyAdd(value, TSimd.Load(turns + i), crossed));
        }

        RotateScalar(head, turns, i, dimensions);
    }

    private readonly struct Work(
        float* x, float* turns, int rows, int stride, int heads, int headDimension, int dimensions, int rowsPerItem, VectorWidth width)
        : IGangWork
    {
        public void Execute(int item, int worker)
        {
            for (var row = item * rowsPerItem; row < Math.Min((item + 1) * rowsPerItem, rows); row++)
            {
                var rowTurns = turns + ((nint)row * 2 * dimensions);
                for (var head = 0; head < heads; head++)
                {
                    Rotate(x + ((nint)row * stride) + (head * headDimension), rowTurns);
                }
            }
        }

        private void Rotate(float* head, float* rowTurns)
        {
            switch (width)
            {
                case VectorWidth.Bits512:
                    RotateVector<Simd512, Vector512<float>>(head, rowTurns, dimensions);
                    break;
                case VectorWidth.Bits256:
                    RotateVector<Simd256, Vector256<float>>(head, rowTurns, dimensions);
                    break;
                case VectorWidth.Bits128:
                    RotateVector<Simd128, Vector128<float>>(head, rowTurns, dimensions);
                    break;
                default:
                    RotateScalar(head, rowTurns, 0, dimensions);
                    break;
            }
        }
    }
}
