using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Activations;

/// <summary>Limits numbers softly to ±c: y = c · tanh(s · x / c).</summary>
/// <remarks>tanh u = (e²ᵘ − 1) / (e²ᵘ + 1), with an absolute error of at most 2.5·10⁻⁷. NaN stays NaN.</remarks>
public static unsafe class SoftCap
{
    private const int NumbersPerItem = 8 * 1024;

    /// <summary>Limits all numbers in place.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="x">The numbers.</param>
    /// <param name="cap">The limit c, above 0.</param>
    public static void Apply(WorkerGang gang, Span<float> x, float cap) => Apply(gang, x, cap, VectorSupport.Widest);

    internal static void Apply(WorkerGang gang, Span<float> x, float cap, VectorWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cap);
        fixed (float* pointer = x)
        {
            var work = new Work(pointer, x.Length, cap, width);
            gang.Run(ref work, ((x.Length - 1) / NumbersPerItem) + 1);
        }
    }

    /// <summary>Limits <paramref name="count"/> numbers, each multiplied by <paramref name="scale"/>, in place.</summary>
    internal static void Apply(float* x, int count, float scale, float cap, VectorWidth width)
    {
        var factor = 2 * scale / cap;
        switch (width)
        {
            case VectorWidth.Bits512:
                ApplyVector<Simd512, Vector512<float>>(x, count, factor, cap);
                break;
            case VectorWidth.Bits256:
                ApplyVector<Simd256, Vector256<float>>(x, count, factor, cap);
                break;
            case VectorWidth.Bits128:
                ApplyVector<Simd128, Vector128<float>>(x, count, factor, cap);
                break;
            default:
                ApplyScalar(x, 0, count, factor, cap);
                break;
        }
    }

    /// <summary>The definition.</summary>
    private static void ApplyScalar(float* x, int start, int count, float factor, float cap)
    {
        for (var i = start; i < count; i++)
        {
            var exponential = Exponential.Exp(x[i] * factor);
            x[i] = (exponential - 1) / (exponential + 1) * cap;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyVector<TSimd, TVector>(float* x, int count, float factor, float cap)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var one = TSimd.Broadcast(1);
        var i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            var exponential = Exponential.Exp<TSimd, TVector>(TSimd.Multiply(TSimd.Load(x + i), TSimd.Broadcast(factor)));
            var hyperbolic = TSimd.Divide(TSimd.Subtract(exponential, one), TSimd.Add(exponential, one));
            TSimd.Store(x + i, TSimd.Multiply(hyperbolic, TSimd.Broadcast(cap)));
        }

        ApplyScalar(x, i, count, factor, cap);
    }

    private readonly struct Work(float* x, int count, float cap, VectorWidth width) : IGangWork
    {
        public void Execute(int item, int worker)
        {
            var start = item * NumbersPerItem;
            Apply(x + start, Math.Min(NumbersPerItem, count - start), 1, cap, width);
        }
    }
}
