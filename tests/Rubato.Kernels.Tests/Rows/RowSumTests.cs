using Rubato.Core;
using Rubato.Kernels.Rows;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.Rows;

public class RowSumTests
{
    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void AddWeighted_AnyLength_SameBitsAsDefinitionAndNearDoublePrecision(VectorWidth width)
    {
        using var gang = new WorkerGang(2);
        var prng = new Prng(3);
        foreach (var columns in Numbers.Lengths)
        {
            const int Rows = 5, Terms = 3, Sources = 7;
            var x = Numbers.Random(Sources * columns, 1);
            var y = Numbers.Random(Rows * columns, 2);
            var scales = Numbers.Random(Rows * Terms, 3);
            int[] slots = [.. Enumerable.Range(0, Rows * Terms).Select(_ => prng.NextInt32(Sources))];
            float[] expected = [.. y];
            float[] actual = [.. y];
            RowSum.AddWeighted(gang, expected, Rows, columns, x, slots, scales, VectorWidth.Scalar);
            RowSum.AddWeighted(gang, actual, Rows, columns, x, slots, scales, width);
            Numbers.AssertSameBits(expected, actual, $"{columns} columns");
            for (var i = 0; i < y.Length; i++)
            {
                var row = i / columns;
                var exact = y[i] + Enumerable.Range(row * Terms, Terms).Sum(term => (double)scales[term] * x[(slots[term] * columns) + (i % columns)]);
                Assert.Equal(exact, actual[i], 1e-6);
            }
        }
    }

    [Fact]
    public void AddAndAddBias_AreSumsOfTwoNumbers()
    {
        using var gang = new WorkerGang(2);
        foreach (var columns in Numbers.Lengths)
        {
            var y = Numbers.Random(3 * columns, 1);
            var x = Numbers.Random(3 * columns, 2);
            float[] sums = [.. y];
            RowSum.Add(gang, sums, 3, columns, x);
            Assert.Equal(y.Zip(x, (a, b) => a + b), sums);
            sums = [.. y];
            RowSum.AddBias(gang, sums, 3, x.AsSpan(0, columns));
            Assert.Equal(y.Select((value, i) => value + x[i % columns]), sums);
        }
    }

    [Fact]
    public void ShapesThatContradictThemselves_Throw()
    {
        using var gang = new WorkerGang(1);
        Assert.Throws<ArgumentException>(() => RowSum.AddBias(gang, new float[7], 2, new float[4]));
        Assert.Throws<ArgumentException>(() => RowSum.Add(gang, new float[8], 2, 4, new float[7]));
        Assert.Throws<ArgumentException>(() => RowSum.AddWeighted(gang, new float[8], 2, 4, new float[8], [0, 2], [1, 1]));
        Assert.Throws<ArgumentException>(() => RowSum.AddWeighted(gang, new float[8], 2, 4, new float[8], [0, -1], [1, 1]));
        Assert.Throws<ArgumentException>(() => RowSum.AddWeighted(gang, new float[8], 2, 4, new float[8], [0, 1, 1], [1, 1, 1]));
    }
}
