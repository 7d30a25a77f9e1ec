using System.Diagnostics;
using Rubato.Core;
using Rubato.Inference.Caching;
using Rubato.Inference.Execution;
using Rubato.Inference.Models;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;
using Rubato.Models;
using Rubato.Models.Gguf;
using Rubato.Serving;

namespace Rubato.Bench;

/// <summary>
/// Tokens per second of random models, beside what the machine could do: decode is bound by memory bandwidth ÷ bytes of weights,
/// prefill by the matrix-product rate ÷ operations per token.
/// </summary>
internal static class Throughput
{
    public static void Run(IReadOnlyCollection<string> names)
    {
        var threads = names.Where(name => int.TryParse(name, out _)).Select(int.Parse).Cast<int?>().FirstOrDefault();
        using var gang = new WorkerGang(threads);
        Console.WriteLine($"threads {gang.Workers}, vectors {VectorSupport.Widest}, memory read {ReadBandwidth(gang):F1} GB/s, F32 product {ProductRate(gang):F0} GFLOP/s");
        foreach (var (name, configuration) in RandomModelFile.Models.Where(model => names.Contains(model.Key) || !names.Any(RandomModelFile.Models.ContainsKey)))
        {
            foreach (var type in new[] { GgmlType.F32, GgmlType.F16, GgmlType.Q8_0 })
            {
                Measure(name, configuration, type, gang);
            }
        }
    }

    private static void Measure(string name, ModelConfiguration configuration, GgmlType type, WorkerGang gang)
    {
        using var model = DecoderModel.FromGguf(Write(configuration, type));
        using var cache = new KvCache(configuration, 16, 64 * 40);
        using var pass = new ForwardPass(model, cache, gang);
        var operations = 2.0 * (configuration.ParameterCount - configuration.Tensors().Where(t => t.Dimensions.Length == 1).Sum(t => t.ElementCount));
        var body = operations - (2.0 * configuration.EmbeddingLength * configuration.VocabularySize);
        var prefill = Rate(gang, 512, () => Step(pass, sequences: 1, start: 0, tokens: 512));
        var decode = Rate(gang, 1, () => Step(pass, sequences: 1, start: 128, tokens: 1));
        var batched = Rate(gang, 16, () => Step(pass, sequences: 16, start: 128, tokens: 1));
        Console.WriteLine(
            $"{name,5} {configuration.ParameterCount / 1e6,6:F1} M {type,-5} prefill {prefill,7:F0} tokens/s ({prefill * body / 1e9,5:F0} GFLOP/s)"
            + $"  decode {decode,6:F0} tokens/s ({decode * model.WeightBytesPerPass / 1e9,5:F1} GB/s of weights)  16 decodes {batched,6:F0} tokens/s");
    }

    private static void Step(ForwardPass pass, int sequences, int start, int tokens)
    {
        pass.Clear();
        for (var s = 0; s < sequences; s++)
        {
            var table = Enumerable.Range(s * 40, 40).Select(block => new BlockId(block)).ToArray();
            pass.Append(start, Enumerable.Range(0, tokens).Select(i => (i * 7) % 4096).ToArray(), table, 1);
        }

        pass.Run();
    }

    /// <summary>
    /// With one thread, units per second of processor time; with more, the best of repeated runs over about two seconds. Either way
    /// other programs on the machine count as little as possible.
    /// </summary>
    private static double Rate(WorkerGang gang, double units, Action run)
    {
        run();
        if (gang.Workers == 1)
        {
            return units / ProcessorSeconds(run);
        }

        var best = double.PositiveInfinity;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < 2;)
        {
            var one = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(one).TotalSeconds);
        }

        return units / best;
    }

    private static double ProcessorSeconds(Action run)
    {
        using var process = Process.GetCurrentProcess();
        var start = process.UserProcessorTime;
        for (var runs = 1; ; runs++)
        {
            run();
            process.Refresh();
            if ((process.UserProcessorTime - start).TotalSeconds is > 1 and var seconds)
            {
                return seconds / runs;
            }
        }
    }

    /// <summary>A matrix of 256 MB times one vector reads each weight once.</summary>
    private static double ReadBandwidth(WorkerGang gang)
    {
        using var buffer = new AlignedBuffer<float>(64 << 20);
        var matrix = new WeightMatrix(buffer.AsRegion(), WeightFormat.F32, 16384, 4096);
        var (x, y) = (new float[4096], new float[16384]);
        return Rate(gang, matrix.ByteLength / 1e9, () => MatrixProduct.Multiply(gang, x, 1, matrix, y));
    }

    private static double ProductRate(WorkerGang gang)
    {
        var matrix = RandomWeights.Matrix(WeightFormat.F32, 1024, 1024, new Prng(1));
        var (x, y) = (new float[1024 * 1024], new float[1024 * 1024]);
        return Rate(gang, 2.0 * 1024 * 1024 * 1024 / 1e9, () => MatrixProduct.Multiply(gang, x, 1024, matrix, y));
    }

    private static GgufFile Write(ModelConfiguration configuration, GgmlType type)
    {
        using var stream = new MemoryStream();
        RandomModelFile.Create(configuration, type).WriteTo(stream);
        return GgufFile.Parse(stream.ToArray(), "synthetic.gguf");
    }
}
