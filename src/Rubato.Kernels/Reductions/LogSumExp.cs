using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Reductions;

/// <summary>ln Σ eˣ: the log-softmax of x[i] is x[i] − this.</summary>
public static unsafe class LogSumExp
{
    /// <summary>ln Σᵢ e^x[i], accurate to about 10⁻⁷ for any number of terms: terms are added in double precision, 16 at a time.</summary>
    /// <param name="x">At least one number; the result is NaN when one of them is.</param>
    public static double Of(ReadOnlySpan<float> x) => Of(x, VectorSupport.Widest);

    internal static double Of(ReadOnlySpan<float> x, VectorWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfZero(x.Length);
        fixed (float* pointer = x)
        {
            return Of(pointer, x.Length, width);
        }
    }

    private static double Of(float* x, int length, VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => OfVector<Simd512, Vector512<float>>(x, length),
        VectorWidth.Bits256 => OfVector<Simd256, Vector256<float>>(x, length),
        VectorWidth.Bits128 => OfVector<Simd128, Vector128<float>>(x, length),
        _ => OfScalar(x, length),
    };

    /// <summary>The definition.</summary>
    private static double OfScalar(float* x, int length)
    {
        var maximum = Maximum.Scalar(x, length);
        return maximum + Math.Log(Rest(x, 0, length, maximum, 0));
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double OfVector<TSimd, TVector>(float* x, int length)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var maximum = Maximum.Vector<TSimd, TVector>(x, length);
        var whole = length & -Lanes.Count;
        var lanes = stackalloc float[Lanes.Count];
        var sum = 0.0;
        for (var i = 0; i < whole; i += Lanes.Count)
        {
            for (var lane = 0; lane < Lanes.Count; lane += TSimd.Count)
            {
                var distance = TSimd.Subtract(TSimd.Load(x + i + lane), TSimd.Broadcast(maximum));
                TSimd.Store(lanes + lane, Exponential.Exp<TSimd, TVector>(distance));
            }

            sum += Lanes.Sum(lanes);
        }

        return maximum + Math.Log(Rest(x, whole, length, maximum, sum));
    }

    [SkipLocalsInit]
    private static double Rest(float* x, int start, int length, float maximum, double sum)
    {
        var lanes = stackalloc float[Lanes.Count];
        for (var i = start; i < length; i += Lanes.Count)
        {
            for (var lane = 0; lane < Lanes.Count; lane++)
            {
                lanes[lane] = i + lane < length ? Exponential.Exp(x[i + lane] - maximum) : 0;
            }

            sum += Lanes.Sum(lanes);
        }

        return sum;
    }
}
