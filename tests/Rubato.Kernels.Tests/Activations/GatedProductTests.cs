using Rubato.Kernels.Activations;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.Activations;

public class GatedProductTests
{
    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void Apply_AnyLength_SameBitsAsDefinitionAndNearDoublePrecision(VectorWidth width)
    {
        using var gang = new WorkerGang(2);
        foreach (var activation in Enum.GetValues<GateActivation>())
        {
            foreach (var columns in Numbers.Lengths)
            {
                var x = Numbers.Random(3 * 2 * columns, 1, 20);
                var expected = new float[3 * columns];
                var actual = new float[3 * columns];
                GatedProduct.Apply(gang, activation, x, 3, columns, expected, VectorWidth.Scalar);
                GatedProduct.Apply(gang, activation, x, 3, columns, actual, width);
                Numbers.AssertSameBits(expected, actual, $"{activation}, {columns} columns");
                for (var i = 0; i < actual.Length; i++)
                {
                    double gate = x[(i / columns * 2 * columns) + (i % columns)];
                    double up = x[(i / columns * 2 * columns) + columns + (i % columns)];
                    var exact = Exact(activation, gate) * up;

                    // For far negative gates of GELU the rounding of an exponent of up to 90 counts.
                    Assert.Equal(exact, actual[i], (Math.Abs(exact) * (activation == GateActivation.Gelu ? 5e-5 : 1e-6)) + 1e-30);
                }
            }
        }
    }

    [Theory]
    [InlineData(GateActivation.Silu)]
    [InlineData(GateActivation.Gelu)]
    public void Apply_ExtremeGates_StaysFinite(GateActivation activation)
    {
        using var gang = new WorkerGang(1);
        var y = new float[4];
        GatedProduct.Apply(gang, activation, [1e30f, -1e30f, 200, -200, 1, 1, 1, 1], 1, 4, y);
        Assert.Equal(1e30f, y[0]);
        Assert.Equal(200, y[2]);
        Assert.InRange(y[3], -1e-30f, 0);
        Assert.InRange(y[1], -1e-7f, 0);
        Assert.Throws<ArgumentException>(() => GatedProduct.Apply(gang, activation, new float[7], 1, 4, y));
    }

    private static double Exact(GateActivation activation, double gate) => activation == GateActivation.Silu
        ? gate / (1 + Math.Exp(-gate))
        : gate / (1 + Math.Exp(-2 * Math.Sqrt(2 / Math.PI) * (gate + (0.044715 * gate * gate * gate))));
}
