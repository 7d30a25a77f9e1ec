using System.Diagnostics;

namespace Rubato.Bench;

/// <summary>Runs every benchmark of this program once. The widths must agree to the last bit.</summary>
internal static class Smoke
{
    public static void Run()
    {
        foreach (var format in new[] { Kernels.MatrixProducts.WeightFormat.F32, Kernels.MatrixProducts.WeightFormat.Q8_0 })
        {
            foreach (var tokens in new[] { 1, 5 })
            {
                var benchmark = new MatrixProductBenchmark { Format = format, Tokens = tokens };
                benchmark.Setup();
                float[] results = [benchmark.Scalar(), benchmark.Vector128(), benchmark.Vector256(), benchmark.Widest()];
                benchmark.Cleanup();
                Core.Check.Invariant(results.All(result => result == results[0]), $"{format}, {tokens} tokens: {string.Join(' ', results)}");
                Console.WriteLine($"matrix product {format}, {tokens} tokens: {results[0]:R}");
            }
        }

        Schedules();
    }

    private static void Schedules()
    {
        const int Calls = 1_000_000;
        foreach (var text in new[] { "rex", "uba", "cosine" })
        {
            var benchmark = new ScheduleBenchmark { Schedule = text };
            benchmark.Setup();
            for (var warm = 0; warm < 5; warm++)
            {
                _ = Sum(benchmark, Calls) + benchmark.LoadTable();
            }

            var started = Stopwatch.GetTimestamp();
            var sum = Sum(benchmark, Calls);
            var each = Stopwatch.GetElapsedTime(started).TotalNanoseconds / Calls;
            started = Stopwatch.GetTimestamp();
            var count = benchmark.LoadTable();
            Console.WriteLine($"schedule {text}: {each:F0} ns a rate (sum {sum:R}), a table of {count:N0} steps in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F1} ms");
        }
    }

    private static double Sum(ScheduleBenchmark benchmark, int calls)
    {
        var sum = 0.0;
        for (var i = 0; i < calls; i++)
        {
            sum += benchmark.At();
        }

        return sum;
    }
}
