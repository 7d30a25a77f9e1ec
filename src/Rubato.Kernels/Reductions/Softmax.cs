using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Reductions;

/// <summary>The parts of a softmax: numerators y[i] = e^((x[i] − max x) · scale), and their sum.</summary>
public static unsafe class Softmax
{
    /// <summary>Computes the numerators; the largest is 1.</summary>
    /// <param name="x">Scores, at least one; NaN among them makes the sum NaN.</param>
    /// <param name="scale">Multiplies the scores: 1 / temperature. Above 0.</param>
    /// <param name="numerators">Takes as many numbers as there are scores; may be <paramref name="x"/> itself.</param>
    /// <returns>The sum of the numerators.</returns>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static float Numerators(ReadOnlySpan<float> x, float scale, Span<float> numerators) =>
        Numerators(x, scale, numerators, VectorSupport.Widest);

    internal static float Numerators(ReadOnlySpan<float> x, float scale, Span<float> numerators, VectorWidth width)
    {
        if (x.IsEmpty || numerators.Length < x.Length)
        {
            throw new ArgumentException($"{x.Length} scores do not fit in {numerators.Length} numbers, or there are none.");
        }

        fixed (float* source = x, target = numerators)
        {
            return Numerators(source, x.Length, scale, target, width);
        }
    }

    internal static float Numerators(float* x, int length, float scale, float* y, VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => NumeratorsVector<Simd512, Vector512<float>>(x, length, scale, y),
        VectorWidth.Bits256 => NumeratorsVector<Simd256, Vector256<float>>(x, length, scale, y),
        VectorWidth.Bits128 => NumeratorsVector<Simd128, Vector128<float>>(x, length, scale, y),
        _ => NumeratorsScalar(x, length, scale, y),
    };

    /// <summary>The definition.</summary>
    [SkipLocalsInit]
    private static float NumeratorsScalar(float* x, int length, float scale, float* y)
    {
        var lanes = stackalloc float[Lanes.Count];
        new Span<float>(lanes, Lanes.Count).Clear();
        Rest(x, 0, length, Maximum.Scalar(x, length), scale, y, lanes);
        return Lanes.Sum(lanes);
    }

    private static void Rest(float* x, int start, int length, float maximum, float scale, float* y, float* lanes)
    {
        for (var i = start; i < length; i++)
        {
            y[i] = Exponential.Exp((x[i] - maximum) * scale);
            lanes[i % Lanes.Count] += y[i];
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float NumeratorsVector<TSimd, TVector>(float* x, int length, float scale, float* y)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var maximum = Maximum.Vector<TSimd, TVector>(x, length);
        var whole = length & -Lanes.Count;
        var lanes = stackalloc float[Lanes.Count];
        for (var lane = 0; lane < Lanes.Count; lane += TSimd.Count)
        {
            var sum = TSimd.Broadcast(0);
            for (var i = lane; i < whole; i += Lanes.Count)
            {
                var distance = TSimd.Subtract(TSimd.Load(x + i), TSimd.Broadcast(maximum));
                var value = Exponential.Exp<TSimd, TVector>(TSimd.Multiply(distance, TSimd.Broadcast(scale)));
                TSimd.Store(y + i, value);
                sum = TSimd.Add(sum, value);
            }

            TSimd.Store(lanes + lane, sum);
        }

        Rest(x, whole, length, maximum, scale, y, lanes);
        return Lanes.Sum(lanes);
    }
}
