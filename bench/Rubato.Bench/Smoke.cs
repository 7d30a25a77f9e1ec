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
    }
}
