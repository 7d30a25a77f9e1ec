using Rubato.Kernels.Reductions;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Tests.Reductions;

public class ReductionTests
{
    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void Softmax_AnyLength_SameBitsAsDefinitionAndNearDoublePrecision(VectorWidth width)
    {
        foreach (var length in Numbers.Lengths)
        {
            foreach (var scale in new[] { 1, 0.25f, 3 })
            {
                var x = Numbers.Random(length, (ulong)length, 10);
                var expected = new float[length];
                var actual = new float[length];
                var expectedSum = Softmax.Numerators(x, scale, expected, VectorWidth.Scalar);
                var sum = Softmax.Numerators(x, scale, actual, width);
                Numbers.AssertSameBits([.. expected, expectedSum], [.. actual, sum], $"length {length}");
                var exact = x.Select(value => Math.Exp((value - (double)x.Max()) * scale)).ToArray();
                Assert.Equal(exact.Sum(), sum, exact.Sum() * 2e-6);
                Assert.Equal(1, actual.Max());
                for (var i = 0; i < length; i++)
                {
                    // The argument, at most 60 in size, is rounded to 24 bits.
                    Assert.Equal(exact[i], actual[i], exact[i] * 8e-6);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void LogSumExp_AnyLength_SameBitsAsDefinitionAndNearDoublePrecision(VectorWidth width)
    {
        foreach (var length in Numbers.Lengths.Append(50_000))
        {
            var x = Numbers.Random(length, (ulong)length, 15);
            Assert.Equal(LogSumExp.Of(x, VectorWidth.Scalar), LogSumExp.Of(x, width));
            Assert.Equal(Math.Log(x.Sum(value => Math.Exp(value))), LogSumExp.Of(x, width), 2e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void IndexOf_AnyLength_SmallestIndexOfTheMaximum(VectorWidth width)
    {
        foreach (var length in Numbers.Lengths)
        {
            var x = Numbers.Random(length, (ulong)length);
            Assert.Equal(Array.IndexOf(x, x.Max()), Maximum.IndexOf(x, width));
            for (var first = 0; first < length; first += 3)
            {
                // Equal maxima: the first one counts, wherever the second lies.
                float[] tied = [.. x];
                tied[first] = tied[^1] = 2;
                Assert.Equal(first, Maximum.IndexOf(tied, width));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void IndexOf_NaNAnywhere_IsRefused(VectorWidth width)
    {
        foreach (var length in Numbers.Lengths)
        {
            for (var place = 0; place < length; place += 5)
            {
                var x = Numbers.Random(length, 3);
                x[place] = float.NaN;
                Assert.Equal(-1, Maximum.IndexOf(x, width));
                x[place] = float.PositiveInfinity;
                Assert.Equal(place, Maximum.IndexOf(x, width));
            }
        }

        Assert.Equal(-1, Maximum.IndexOf([], width));
    }

    [Fact]
    public void Softmax_WithoutScores_Throws()
    {
        Assert.Throws<ArgumentException>(() => Softmax.Numerators([], 1, new float[1]));
        Assert.Throws<ArgumentException>(() => Softmax.Numerators([1, 2], 1, new float[1]));
    }
}
