using System.Diagnostics;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Threading;

namespace Rubato.Inference.Benchmarks;

/// <summary>What the machine can do at most with the threads given: the roof that speeds are held against.</summary>
/// <param name="ReadBytesPerSecond">Bytes of weights that come from memory, in a float32 product of one row.</param>
/// <param name="ProductsPerSecond">Multiply-adds of a float32 matrix product whose operands stay in caches.</param>
public readonly record struct MachineLimits(double ReadBytesPerSecond, double ProductsPerSecond)
{
    private const double SecondsEach = 0.6;

    /// <summary>Measures, in about a second and a half.</summary>
    public static MachineLimits Measure(WorkerGang gang)
    {
        ArgumentNullException.ThrowIfNull(gang);
        using var large = new AlignedBuffer<float>(32 << 20);
        var stream = new WeightMatrix(large.AsRegion(), WeightFormat.F32, 8192, 4096);
        var (x, y) = (new float[512 * 1024], new float[512 * 1024]);
        var read = stream.ByteLength / Best(() => MatrixProduct.Multiply(gang, x.AsSpan(0, 4096), 1, stream, y));
        using var small = new AlignedBuffer<float>(1 << 20);
        var square = new WeightMatrix(small.AsRegion(), WeightFormat.F32, 1024, 1024);
        var products = 512.0 * 1024 * 1024 / Best(() => MatrixProduct.Multiply(gang, x, 512, square, y));
        return new(read, products);
    }

    private static double Best(Action run)
    {
        run();
        var best = double.PositiveInfinity;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < SecondsEach;)
        {
            var one = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(one).TotalSeconds);
        }

        return best;
    }
}
