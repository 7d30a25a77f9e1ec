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

    /// <summary>A matrix of random numbers in any format; or of blocks whose bytes are all <paramref name="fill"/>, except the scales.</summary>
    public static WeightMatrix Matrix(WeightFormat format, int outputs, int inputs, ulong seed, byte? fill = null)
    {
        var values = Random(outputs * inputs, seed, 0.3f);
        var bytes = new AlignedBuffer<byte>(format.RowBytes(inputs) * outputs);
        var target = bytes.Span;
        switch (format)
        {
            case WeightFormat.F32:
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(target);
                break;
            case WeightFormat.F16 or WeightFormat.BF16:
                for (var i = 0; i < values.Length; i++)
                {
                    var bits = format == WeightFormat.F16
                        ? BitConverter.HalfToUInt16Bits((Half)values[i])
                        : (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16);
                    BitConverter.TryWriteBytes(target[(2 * i)..], bits);
                }

                break;
            default:
                FillBlocks(format, target, new(seed), fill);
                break;
        }

        return new(bytes.AsRegion(), format, outputs, inputs);
    }

    /// <summary>Lengths of whole blocks.</summary>
    public static IEnumerable<int> LengthsOf(WeightFormat format) => format.BlockLength() switch
    {
        1 => Lengths,
        32 => [32, 64, 96, 256],
        var length => [length, 3 * length],
    };

    /// <summary>Where a block holds half-precision scales.</summary>
    public static int[] Halves(WeightFormat format) => format switch
    {
        WeightFormat.Q4_1 or WeightFormat.Q5_1 or WeightFormat.Q4_K or WeightFormat.Q5_K => [0, 2],
        WeightFormat.Q2_K => [80, 82],
        WeightFormat.Q3_K => [108],
        WeightFormat.Q6_K => [208],
        _ => [0],
    };

    /// <summary>Blocks of any bytes, with scales of moderate size and either sign.</summary>
    private static void FillBlocks(WeightFormat format, Span<byte> target, Prng prng, byte? fill)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = fill ?? (byte)prng.NextInt32(256);
        }

        for (var block = 0; block < target.Length; block += format.BlockBytes())
        {
            foreach (var offset in Halves(format))
            {
                BitConverter.TryWriteBytes(target[(block + offset)..], (Half)(0.01 * (prng.NextDouble() - 0.3)));
            }
        }
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
