using Rubato.Kernels.Activations;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.Activations;

public class SoftCapTests
{
    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void Apply_AnyLength_SameBitsAsDefinitionAndNearDoublePrecision(VectorWidth width)
    {
        using var gang = new WorkerGang(2);
        foreach (var length in Numbers.Lengths)
        {
            foreach (var cap in new[] { 1f, 30f, 50f })
            {
                var x = Numbers.Random(length, 1, 100);
                float[] expected = [.. x];
                float[] actual = [.. x];
                SoftCap.Apply(gang, expected, cap, VectorWidth.Scalar);
                SoftCap.Apply(gang, actual, cap, width);
                Numbers.AssertSameBits(expected, actual, $"{length} numbers");
                Assert.All(x.Zip(actual), pair => Assert.Equal(cap * Math.Tanh(pair.First / cap), pair.Second, 4e-7 * cap));
            }
        }
    }

    [Fact]
    public void Apply_ExtremeNumbers_StayAtTheCapAndNaNStays()
    {
        using var gang = new WorkerGang(1);
        float[] x = [float.PositiveInfinity, float.NegativeInfinity, 1e38f, -1e38f, 0, float.NaN];
        SoftCap.Apply(gang, x, 30);
        Assert.Equal([30, -30, 30, -30, 0, float.NaN], x);
        Assert.Throws<ArgumentOutOfRangeException>(() => SoftCap.Apply(gang, x, 0));
    }
}
