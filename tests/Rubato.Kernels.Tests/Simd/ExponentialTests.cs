using Rubato.Kernels.Reductions;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Tests.Simd;

public class ExponentialTests
{
    [Fact]
    public void Exp_OverItsRange_WithinStatedError()
    {
        for (var x = -87.33; x < 88.37; x += 0.0007)
        {
            var argument = (float)x;
            var expected = Math.Exp(argument);
            Assert.InRange(Exponential.Exp(argument) / expected, 1 - 2.5e-7, 1 + 2.5e-7);
        }
    }

    [Fact]
    public void Exp_OutsideItsRange_SaturatesAndKeepsNaN()
    {
        foreach (var x in new[] { 88.4f, 1000f, float.MaxValue, float.PositiveInfinity })
        {
            Assert.InRange(Exponential.Exp(x), 2e38f, float.MaxValue);
        }

        foreach (var x in new[] { -87.4f, -1000f, float.MinValue, float.NegativeInfinity })
        {
            Assert.InRange(Exponential.Exp(x), 1e-38f, 1.3e-38f);
        }

        Assert.True(float.IsNaN(Exponential.Exp(float.NaN)));
        Assert.Equal(1, Exponential.Exp(0));
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void Exp_Vectors_SameBitsAsDefinition(VectorWidth width)
    {
        // The softmax numerators of scores whose maximum is 0 are their exponentials.
        float[] x = [0, .. Numbers.Random(4095, 1, 60).Select(value => -Math.Abs(value)), -87.33654f, -88, -1e30f, float.NegativeInfinity];
        var y = new float[x.Length];
        _ = Softmax.Numerators(x, 1, y, width);
        Numbers.AssertSameBits([.. x.Select(Exponential.Exp)], y, $"{width}");
    }
}
