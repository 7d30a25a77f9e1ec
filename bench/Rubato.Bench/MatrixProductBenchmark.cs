using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Rubato.Core;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Bench;

/// <summary>One feed-forward matrix of a small model, on one thread: the scalar definition against the vector forms.</summary>
[MemoryDiagnoser]
public class MatrixProductBenchmark
{
    private const int Inputs = 768;
    private const int Outputs = 2048;

    private WorkerGang _gang = null!;
    private WeightMatrix[] _weights = [];
    private float[] _x = [];
    private float[] _y = [];

    [Params(WeightFormat.F32, WeightFormat.Q8_0)]
    public WeightFormat Format { get; set; }

    [Params(1, 64)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var prng = new Prng(1);
        _gang = new(1);
        _x = [.. Enumerable.Range(0, Tokens * Inputs).Select(_ => (float)prng.NextDouble() - 0.5f)];
        _y = new float[Tokens * Outputs];
        _weights = [RandomWeights.Matrix(Format, Outputs, Inputs, prng)];
    }

    [GlobalCleanup]
    public void Cleanup() => _gang.Dispose();

    [Benchmark(Baseline = true)]
    public float Scalar() => Run(VectorWidth.Scalar);

    [Benchmark]
    public float Vector128() => Run(VectorWidth.Bits128);

    [Benchmark]
    public float Vector256() => Run(VectorWidth.Bits256);

    [Benchmark]
    public float Widest() => Run(VectorSupport.Widest);

    private float Run(VectorWidth width)
    {
        MatrixProduct.Multiply(_gang, _x, Tokens, _weights, _y, add: false, width <= VectorSupport.Widest ? width : VectorSupport.Widest);
        return _y[^1];
    }
}

internal static class RandomWeights
{
    public static WeightMatrix Matrix(WeightFormat format, int outputs, int inputs, Prng prng)
    {
        var buffer = new AlignedBuffer<byte>(format.RowBytes(inputs) * outputs);
        var bytes = buffer.Span;
        if (format == WeightFormat.Q8_0)
        {
            for (var block = 0; block < bytes.Length; block += WeightFormats.Q8BlockBytes)
            {
                BitConverter.TryWriteBytes(bytes[block..], (Half)0.001);
                for (var i = 2; i < WeightFormats.Q8BlockBytes; i++)
                {
                    bytes[block + i] = (byte)prng.NextInt32(256);
                }
            }
        }
        else
        {
            foreach (ref var value in MemoryMarshal.Cast<byte, float>(bytes))
            {
                value = (float)prng.NextDouble() - 0.5f;
            }
        }

        return new(buffer.AsRegion(), format, outputs, inputs);
    }
}
