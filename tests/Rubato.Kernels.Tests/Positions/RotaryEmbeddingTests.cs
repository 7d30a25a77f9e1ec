using Rubato.Kernels.Positions;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.Positions;

public class RotaryEmbeddingTests
{
    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void Rotate_AnyShape_SameBitsAsDefinitionAndNearDoublePrecision(VectorWidth width)
    {
        using var gang = new WorkerGang(2);
        var shapes = new[] { (2, 2), (4, 6), (6, 10), (16, 16), (30, 32), (64, 64), (34, 40) };
        foreach (var ((dimensions, headDimension), pairing) in shapes.SelectMany(shape => Enum.GetValues<RotaryPairing>().Select(pairing => (shape, pairing))))
        {
            const int Heads = 3;
            const double Magnitude = 1.25;
            int[] positions = [0, 1, 7, 4095];
            var stride = (Heads * headDimension) + 5;
            var rotary = new RotaryEmbedding(RotaryEmbedding.FrequenciesOf(dimensions, 10_000), pairing, Magnitude);
            var turns = new float[positions.Length * 2 * dimensions];
            rotary.ComputeTurns(positions, turns);
            var x = Numbers.Random(positions.Length * stride, 1);
            float[] expected = [.. x];
            float[] actual = [.. x];
            rotary.Rotate(gang, expected, positions.Length, stride, Heads, headDimension, turns, VectorWidth.Scalar);
            rotary.Rotate(gang, actual, positions.Length, stride, Heads, headDimension, turns, width);
            Numbers.AssertSameBits(expected, actual, $"{pairing}, {dimensions} of {headDimension}");
            for (var i = 0; i < x.Length; i++)
            {
                var column = i % stride;
                var exact = column >= Heads * headDimension || column % headDimension >= dimensions
                    ? x[i]
                    : Magnitude * Exact(x, i, positions[i / stride], column % headDimension, dimensions, pairing);
                Assert.Equal(exact, actual[i], 4e-7);
            }
        }
    }

    [Fact]
    public void Rotate_ShapeThatContradictsItself_Throws()
    {
        using var gang = new WorkerGang(1);
        var rotary = new RotaryEmbedding(8, 10_000);
        Assert.Throws<ArgumentException>(() => rotary.Rotate(gang, new float[64], 1, 64, 1, 4, new float[16]));
        Assert.Throws<ArgumentException>(() => rotary.Rotate(gang, new float[64], 2, 64, 8, 8, new float[32]));
        Assert.Throws<ArgumentException>(() => rotary.Rotate(gang, new float[64], 1, 64, 8, 8, new float[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RotaryEmbedding(7, 10_000));
    }

    private static double Exact(float[] x, int i, int position, int inHead, int dimensions, RotaryPairing pairing)
    {
        var half = dimensions / 2;
        var (pair, isFirst, distance) = pairing == RotaryPairing.Neighbours
            ? (inHead / 2, inHead % 2 == 0, 1)
            : (inHead % half, inHead < half, half);
        var angle = position * Math.Pow(10_000, -2.0 * pair / dimensions);
        return isFirst
            ? (x[i] * Math.Cos(angle)) - (x[i + distance] * Math.Sin(angle))
            : (x[i] * Math.Cos(angle)) + (x[i - distance] * Math.Sin(angle));
    }
}
