using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Reductions;

/// <summary>The largest of some numbers, and where it is.</summary>
public static unsafe class Maximum
{
    /// <summary>The smallest index that holds the largest number, or −1 when one of the numbers is NaN or there are none.</summary>
    public static int IndexOf(ReadOnlySpan<float> x) => IndexOf(x, VectorSupport.Widest);

    internal static int IndexOf(ReadOnlySpan<float> x, VectorWidth width)
    {
        if (x.IsEmpty)
        {
            return -1;
        }

        fixed (float* pointer = x)
        {
            return IndexOf(pointer, x.Length, width);
        }
    }

    private static int IndexOf(float* x, int length, VectorWidth width)
    {
        if (HasNaN(x, length, width))
        {
            return -1;
        }

        var maximum = Of(x, length, width);
        var index = 0;
        while (x[index] != maximum)
        {
            index++;
        }

        return index;
    }

    internal static float Of(float* x, int length, VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Vector<Simd512, Vector512<float>>(x, length),
        VectorWidth.Bits256 => Vector<Simd256, Vector256<float>>(x, length),
        VectorWidth.Bits128 => Vector<Simd128, Vector128<float>>(x, length),
        _ => Scalar(x, length),
    };

    /// <summary>The definition, for at least one number. Meaningless when there is NaN.</summary>
    internal static float Scalar(float* x, int length)
    {
        var maximum = x[0];
        for (var i = 1; i < length; i++)
        {
            maximum = x[i] > maximum ? x[i] : maximum;
        }

        return maximum;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Vector<TSimd, TVector>(float* x, int length)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        if (length < TSimd.Count)
        {
            return Scalar(x, length);
        }

        var maximum = TSimd.Load(x);
        for (var i = TSimd.Count; i <= length - TSimd.Count; i += TSimd.Count)
        {
            maximum = TSimd.Max(TSimd.Load(x + i), maximum);
        }

        // The last vector may overlap the one before it.
        maximum = TSimd.Max(TSimd.Load(x + length - TSimd.Count), maximum);
        var lanes = stackalloc float[Lanes.Count];
        TSimd.Store(lanes, maximum);
        return Scalar(lanes, TSimd.Count);
    }

    private static bool HasNaN(float* x, int length, VectorWidth width)
    {
        // x · 0 is NaN for NaN and for infinities; only then look closely.
        if (width >= VectorWidth.Bits128)
        {
            var sum = Vector128<float>.Zero;
            var i = 0;
            for (; i <= length - Vector128<float>.Count; i += Vector128<float>.Count)
            {
                sum += Vector128.Load(x + i) * Vector128<float>.Zero;
            }

            if (Vector128.EqualsAll(sum, Vector128<float>.Zero))
            {
                return HasNaNScalar(x, i, length);
            }
        }

        return HasNaNScalar(x, 0, length);
    }

    private static bool HasNaNScalar(float* x, int start, int length)
    {
        for (var i = start; i < length; i++)
        {
            if (float.IsNaN(x[i]))
            {
                return true;
            }
        }

        return false;
    }
}
