using Rubato.Core;
using Rubato.Kernels.Memory;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Tests;

/// <summary>Random inputs, and comparisons.</summary>
internal static class Numbers
{
    /// <summary>Lengths on both sides of every lane and block boundary.</summary>
    public static readonly int[] Lengths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 47, 48, 63, 64, 65, 100, 257];

    /// <summary>The vector widths that run here, except the scalar definition.</summary>
    public static TheoryData<VectorWidth> Widths => [.. VectorSupport.Available.Where(width => width != VectorWidth.Scalar)];

    public static float[] Random(int count, ulong seed, float amplitude = 1)
    {
        var prng = new Prng(seed);
        return [.. Enumerable.Range(0, count).Select(_ => amplitude * ((2 * (float)prng.NextDouble()) - 1))];
    }

    /// <summary>A matrix of random numbers in any format.</summary>
    public static WeightMatrix Matrix(WeightFormat format, int outputs, int inputs, ulong seed)
    {
        var values = Random(outputs * inputs, seed, 0.3f);
        var bytes = new AlignedBuffer<byte>(format.RowBytes(inputs) * outputs);
        var target = bytes.Span;
        switch (format)
        {
            case WeightFormat.F32:
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(target);
                break;
            case WeightFormat.Q8_0:
                var prng = new Prng(seed);
                for (var block = 0; block < target.Length; block += 34)
                {
                    BitConverter.TryWriteBytes(target[block..], (Half)(0.01 * (prng.NextDouble() - 0.3)));
                    for (var i = 2; i < 34; i++)
                    {
                        target[block + i] = (byte)prng.NextInt32(256);
                    }
                }

                break;
            default:
                for (var i = 0; i < values.Length; i++)
                {
                    var bits = format == WeightFormat.F16
                        ? BitConverter.HalfToUInt16Bits((Half)values[i])
                        : (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16);
                    BitConverter.TryWriteBytes(target[(2 * i)..], bits);
                }

                break;
        }

        return new(bytes.AsRegion(), format, outputs, inputs);
    }

    public static float[][] Rows(WeightMatrix matrix) => [.. Enumerable.Range(0, matrix.Outputs).Select(output =>
    {
        var row = new float[matrix.Inputs];
        matrix.DecodeRow(output, row, VectorWidth.Scalar);
        return row;
    })];

    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string where)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
            {
                Assert.Fail($"{where}: number {i} is {actual[i]:R}, expected {expected[i]:R}");
            }
        }
    }
}
