using Rubato.Kernels.Normalization;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.Normalization;

public class RmsNormTests
{
    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void Normalize_AnyLength_SameBitsAsDefinitionAndNearDoublePrecision(VectorWidth width)
    {
        using var gang = new WorkerGang(2);
        foreach (var columns in Numbers.Lengths)
        {
            var x = Numbers.Random(3 * columns, 1, 5);
            var weights = Numbers.Random(columns, 2);
            var expected = new float[x.Length];
            var actual = new float[x.Length];
            RmsNorm.Normalize(gang, x, 3, weights, 1e-5f, expected, VectorWidth.Scalar);
            RmsNorm.Normalize(gang, x, 3, weights, 1e-5f, actual, width);
            Numbers.AssertSameBits(expected, actual, $"{columns} columns");
            for (var row = 0; row < 3; row++)
            {
                var root = Math.Sqrt((x.Skip(row * columns).Take(columns).Sum(v => (double)v * v) / columns) + 1e-5);
                for (var i = 0; i < columns; i++)
                {
                    var exact = x[(row * columns) + i] / root * weights[i];
                    Assert.Equal(exact, actual[(row * columns) + i], Math.Abs(exact) * 1e-6);
                }
            }
        }
    }

    [Fact]
    public void Normalize_ZerosAndInPlace_StaysFiniteAndAgrees()
    {
        using var gang = new WorkerGang(1);
        var zeros = new float[8];
        RmsNorm.Normalize(gang, zeros, 1, Numbers.Random(8, 1), 1e-6f, zeros);
        Assert.All(zeros, value => Assert.Equal(0, value));

        var x = Numbers.Random(40, 2);
        var apart = new float[40];
        RmsNorm.Normalize(gang, x, 1, Numbers.Random(40, 3), 1e-6f, apart);
        RmsNorm.Normalize(gang, x, 1, Numbers.Random(40, 3), 1e-6f, x);
        Numbers.AssertSameBits(apart, x, "in place");
        Assert.Throws<ArgumentException>(() => RmsNorm.Normalize(gang, x, 2, Numbers.Random(40, 3), 1e-6f, x));
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void NormalizeHeads_SameBitsAsEachHeadAsARow_AndNothingElseChanges(VectorWidth width)
    {
        using var gang = new WorkerGang(2);
        foreach (var head in Numbers.Lengths)
        {
            const int Rows = 3, Heads = 2, Offset = 5;
            var stride = Offset + (Heads * head) + 4;
            var x = Numbers.Random(Rows * stride, 1, 5);
            var weights = Numbers.Random(head, 2);
            float[] expected = [.. x];
            for (var row = 0; row < Rows; row++)
            {
                var heads = expected.AsSpan((row * stride) + Offset, Heads * head);
                RmsNorm.Normalize(gang, heads, Heads, weights, 1e-5f, heads, VectorWidth.Scalar);
            }

            RmsNorm.NormalizeHeads(gang, x, Rows, stride, Offset, Heads, weights, 1e-5f, width);
            Numbers.AssertSameBits(expected, x, $"heads of {head}");
            Assert.Throws<ArgumentException>(() => RmsNorm.NormalizeHeads(gang, x, Rows, stride, Offset + 5, Heads, weights, 1e-5f, width));
            Assert.Throws<ArgumentException>(() => RmsNorm.NormalizeHeads(gang, x, Rows + 1, stride, Offset, Heads, weights, 1e-5f, width));
        }
    }
}
