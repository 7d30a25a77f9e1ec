using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rubato.Kernels.Simd;

/// <summary>The order in which every kernel adds: 16 lanes, then a fixed tree.</summary>
/// <remarks>
/// Term i goes to lane i mod 16, each lane adds its terms in rising order, and the lanes are joined in halves: lane l with lane
/// l + 8, then l + 4, l + 2, l + 1. One 512-bit vector, two of 256 bits or four of 128 bits hold the lanes, so that a sum has the
/// same bits at every vector width, in every tile shape and for every number of threads.
/// </remarks>
internal static unsafe class Lanes
{
    /// <summary>Number of lanes.</summary>
    public const int Count = 16;

    /// <summary>The least multiple of 16 that is at least <paramref name="length"/>.</summary>
    public static int Pad(int length) => (length + (Count - 1)) & -Count;

    /// <summary>Joins 16 lanes; overwrites them.</summary>
    public static float Sum(float* lanes)
    {
        for (var half = Count / 2; half > 0; half /= 2)
        {
            for (var lane = 0; lane < half; lane++)
            {
                lanes[lane] += lanes[lane + half];
            }
        }

        return lanes[0];
    }

    /// <summary>Joins four sums whose lanes have been folded to four already; element i is sum i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sum(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        // Pairs of lanes l and l + 2: (a0+a2, b0+b2, a1+a3, b1+b3), the same for c and d.
        var ab = ZipLower(a, b) + ZipUpper(a, b);
        var cd = ZipLower(c, d) + ZipUpper(c, d);
        return Vector128.Create(ab.GetLower(), cd.GetLower()) + Vector128.Create(ab.GetUpper(), cd.GetUpper());
    }

    /// <summary>Folds lanes 8…15 onto 0…7, then 4…7 onto 0…3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(Vector256<float> lower, Vector256<float> upper)
    {
        var folded = lower + upper;
        return folded.GetLower() + folded.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLower(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipUpper(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
}
