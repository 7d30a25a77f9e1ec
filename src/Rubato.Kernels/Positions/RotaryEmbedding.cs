using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Positions;

/// <summary>Rotary position embedding: pairs of numbers of a head turn by position · frequency of the pair.</summary>
/// <remarks>
/// Angles are computed in double precision and their sines and cosines rounded once. Source: Su et al., "RoFormer: Enhanced
/// Transformer with Rotary Position Embedding", 2021.
/// </remarks>
public sealed unsafe class RotaryEmbedding
{
    private const int NumbersPerItem = 32 * 1024;

    private readonly double[] _frequencies;
    private readonly RotaryPairing _pairing;
    private readonly double _magnitude;

    /// <summary>Prepares the frequencies of the paper: base^(−2i / dimensions) for pair i.</summary>
    /// <param name="dimensions">Leading numbers of a head that turn: even, at least 2.</param>
    /// <param name="frequencyBase">Base of the frequencies, above 0; 10000 in the paper.</param>
    /// <param name="pairing">Which numbers turn together.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public RotaryEmbedding(int dimensions, double frequencyBase, RotaryPairing pairing = RotaryPairing.Neighbours)
        : this(FrequenciesOf(dimensions, frequencyBase), pairing)
    {
    }

    /// <summary>Takes frequencies of any kind.</summary>
    /// <param name="frequencies">Radians per position of each pair, at least one.</param>
    /// <param name="pairing">Which numbers turn together.</param>
    /// <param name="magnitude">Multiplies what has turned; other than 1 with some ways to extend the context.</param>
    public RotaryEmbedding(double[] frequencies, RotaryPairing pairing, double magnitude = 1)
    {
        ArgumentNullException.ThrowIfNull(frequencies);
        ArgumentOutOfRangeException.ThrowIfZero(frequencies.Length, nameof(frequencies));
        _frequencies = frequencies;
        _pairing = pairing;
        _magnitude = magnitude;
        Dimensions = 2 * frequencies.Length;
    }

    /// <summary>The frequencies of the paper: base^(−2i / dimensions) for pair i.</summary>
    /// <param name="dimensions">Leading numbers of a head that turn: even, at least 2.</param>
    /// <param name="frequencyBase">Base of the frequencies, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static double[] FrequenciesOf(int dimensions, double frequencyBase)
    {
        if (dimensions < 2 || dimensions % 2 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, "Rotary dimensions are even and at least 2.");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frequencyBase);
        var frequencies = new double[dimensions / 2];
        for (var pair = 0; pair < frequencies.Length; pair++)
        {
            frequencies[pair] = Math.Pow(frequencyBase, -2.0 * pair / dimensions);
        }

        return frequencies;
    }

    /// <summary>Leading numbers of a head that turn.</summary>
    public int Dimensions { get; }

    /// <summary>Computes the turns of some positions.</summary>
    /// <param name="positions">One position per row.</param>
    /// <param name="turns">
    /// [rows, 2 · Dimensions]: each row holds a cosine for every number of a head, then a signed sine: − for the first of a pair,
    /// + for the second.
    /// </param>
    public void ComputeTurns(ReadOnlySpan<int> positions, Span<float> turns)
    {
        var (firstStep, toSecond) = _pairing == RotaryPairing.Neighbours ? (2, 1) : (1, _frequencies.Length);
        foreach (var position in positions)
        {
            var cosines = turns[..Dimensions];
            var sines = turns[Dimensions..(2 * Dimensions)];
            for (var pair = 0; pair < _frequencies.Length; pair++)
            {
                var (sine, cosine) = Math.SinCos(position * _frequencies[pair]);
                var first = firstStep * pair;
                cosines[first] = cosines[first + toSecond] = (float)(cosine * _magnitude);
                sines[first] = -(float)(sine * _magnitude);
                sines[first + toSecond] = (float)(sine * _magnitude);
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
            var work = new Work(xPointer, turnsPointer, rows, stride, heads, headDimension, Dimensions, _pairing, rowsPerItem, width);
            gang.Run(ref work, (rows + rowsPerItem - 1) / rowsPerItem);
        }
    }

    /// <summary>The definition for one head of neighbours, from number <paramref name="start"/> (even) on.</summary>
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

    /// <summary>The definition for one head of halves, from pair <paramref name="start"/> on.</summary>
    private static void RotateHalvesScalar(float* head, float* turns, int start, int dimensions)
    {
        var half = dimensions / 2;
        for (var i = start; i < half; i++)
        {
            var (first, second) = (head[i], head[half + i]);
            head[i] = Fused.MultiplyAdd(first, turns[i], second * turns[dimensions + i]);
            head[half + i] = Fused.MultiplyAdd(second, turns[half + i], first * turns[dimensions + half + i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RotateHalvesVector<TSimd, TVector>(float* head, float* turns, int dimensions)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var half = dimensions / 2;
        var i = 0;
        for (; i <= half - TSimd.Count; i += TSimd.Count)
        {
            var first = TSimd.Load(head + i);
            var second = TSimd.Load(head + half + i);
            var fromSecond = TSimd.Multiply(second, TSimd.Load(turns + dimensions + i));
            var fromFirst = TSimd.Multiply(first, TSimd.Load(turns + dimensions + half + i));
            TSimd.Store(head + i, TSimd.MultiplyAdd(first, TSimd.Load(turns + i), fromSecond));
            TSimd.Store(head + half + i, TSimd.MultiplyAdd(second, TSimd.Load(turns + half + i), fromFirst));
        }

        RotateHalvesScalar(head, turns, i, dimensions);
    }

    private readonly struct Work(
        float* x, float* turns, int rows, int stride, int heads, int headDimension, int dimensions, RotaryPairing pairing,
        int rowsPerItem, VectorWidth width)
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
                    Rotate<Simd512, Vector512<float>>(head, rowTurns);
                    break;
                case VectorWidth.Bits256:
                    Rotate<Simd256, Vector256<float>>(head, rowTurns);
                    break;
                case VectorWidth.Bits128:
                    Rotate<Simd128, Vector128<float>>(head, rowTurns);
                    break;
                default:
                    if (pairing == RotaryPairing.Halves)
                    {
                        RotateHalvesScalar(head, rowTurns, 0, dimensions);
                    }
                    else
                    {
                        RotateScalar(head, rowTurns, 0, dimensions);
                    }

                    break;
            }
        }

        private void Rotate<TSimd, TVector>(float* head, float* rowTurns)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            if (pairing == RotaryPairing.Halves)
            {
                RotateHalvesVector<TSimd, TVector>(head, rowTurns, dimensions);
            }
            else
            {
                RotateVector<TSimd, TVector>(head, rowTurns, dimensions);
            }
        }
    }
}
