using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.MatrixProducts;

public class MatrixProductTests
{
    private static readonly (int Tokens, int Outputs)[] Shapes = [(1, 1), (1, 7), (2, 3), (3, 4), (4, 5), (5, 12), (7, 13), (9, 26)];

    public static TheoryData<VectorWidth, WeightFormat> WidthsAndFormats
    {
        get
        {
            var data = new TheoryData<VectorWidth, WeightFormat>();
            foreach (var width in VectorSupport.Available.Where(width => width != VectorWidth.Scalar))
            {
                foreach (var format in Enum.GetValues<WeightFormat>())
                {
                    data.Add(width, format);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndFormats))]
    public void Multiply_AnyShape_SameBitsAsDefinition(VectorWidth width, WeightFormat format)
    {
        using var gang = new WorkerGang(2);
        foreach (var inputs in Numbers.LengthsOf(format))
        {
            foreach (var (tokens, outputs) in Shapes)
            {
                var matrix = Numbers.Matrix(format, outputs, inputs, 1);
                var x = Numbers.Random(tokens * inputs, 2);
                var expected = Run(gang, x, tokens, [matrix], VectorWidth.Scalar);
                Numbers.AssertSameBits(expected, Run(gang, x, tokens, [matrix], width), $"[{tokens}, {inputs}] × [{outputs}, {inputs}]");
            }
        }
    }

    [Theory]
    [InlineData(WeightFormat.F32)]
    [InlineData(WeightFormat.F16)]
    [InlineData(WeightFormat.BF16)]
    [InlineData(WeightFormat.Q8_0)]
    [InlineData(WeightFormat.Q5_1)]
    [InlineData(WeightFormat.Q4_K)]
    public void Multiply_AnyLength_WithinRoundingOfDoublePrecision(WeightFormat format)
    {
        using var gang = new WorkerGang(1);
        foreach (var inputs in Numbers.LengthsOf(format).Append(4096))
        {
            var matrix = Numbers.Matrix(format, 5, inputs, 3);
            var x = Numbers.Random(inputs, 4);
            var actual = Run(gang, x, 1, [matrix], VectorSupport.Widest);
            var rows = Numbers.Rows(matrix);
            for (var output = 0; output < 5; output++)
            {
                // Each term passes through at most length / 16 additions in its lane and 4 in the tree, and one rounding of its own.
                var terms = rows[output].Zip(x, (w, a) => (double)w * a).ToArray();
                var bound = ((inputs / 16) + 6) * Math.Pow(2, -24) * terms.Sum(Math.Abs);
                Assert.InRange(actual[output] - terms.Sum(), -bound, bound);
            }
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndFormats))]
    public void Multiply_RowInAnyBatch_SameBitsAsAlone(VectorWidth width, WeightFormat format)
    {
        var inputs = format.BlockLength() == 256 ? 256 : 96;
        const int Outputs = 50;
        const int Tokens = 23;
        using var gang = new WorkerGang(2);
        var matrix = Numbers.Matrix(format, Outputs, inputs, 5);
        var x = Numbers.Random(Tokens * inputs, 6);
        var alone = Enumerable.Range(0, Tokens).Select(t => Run(gang, x[(t * inputs)..((t + 1) * inputs)], 1, [matrix], width)).ToArray();
        for (var first = 0; first < Tokens; first += 3)
        {
            for (var count = 1; first + count <= Tokens; count += 2)
            {
                var together = Run(gang, x[(first * inputs)..((first + count) * inputs)], count, [matrix], width);
                for (var t = 0; t < count; t++)
                {
                    Numbers.AssertSameBits(alone[first + t], together.AsSpan(t * Outputs, Outputs), $"row {t} of {count}");
                }
            }
        }
    }

    [Fact]
    public void Multiply_AnyNumberOfThreads_SameBits()
    {
        var matrix = Numbers.Matrix(WeightFormat.Q8_0, 301, 64, 7);
        var x = Numbers.Random(70 * 64, 8);
        using var one = new WorkerGang(1);
        var expected = Run(one, x, 70, [matrix], VectorSupport.Widest);
        foreach (var workers in new[] { 2, 3, 7 })
        {
            using var gang = new WorkerGang(workers);
            Numbers.AssertSameBits(expected, Run(gang, x, 70, [matrix], VectorSupport.Widest), $"{workers} workers");
        }
    }

    [Fact]
    public void Multiply_ManyTokensOverSeveralBlocks_SameBitsAsAlone()
    {
        // Rows of 4,096 numbers: a block of activations holds 16 of them.
        const int Inputs = 4096;
        using var gang = new WorkerGang(2);
        var matrix = Numbers.Matrix(WeightFormat.F32, 9, Inputs, 9);
        var x = Numbers.Random(37 * Inputs, 10);
        var together = Run(gang, x, 37, [matrix], VectorSupport.Widest);
        foreach (var t in new[] { 0, 15, 16, 35, 36 })
        {
            var alone = Run(gang, x[(t * Inputs)..((t + 1) * Inputs)], 1, [matrix], VectorSupport.Widest);
            Numbers.AssertSameBits(alone, together.AsSpan(t * 9, 9), $"row {t}");
        }
    }

    [Fact]
    public void Multiply_ThreeMatrices_AreThreeProductsSideBySide()
    {
        const int Inputs = 64;
        using var gang = new WorkerGang(2);
        WeightMatrix[] matrices =
        [
            Numbers.Matrix(WeightFormat.F32, 40, Inputs, 11), Numbers.Matrix(WeightFormat.Q8_0, 7, Inputs, 12), Numbers.Matrix(WeightFormat.F16, 30, Inputs, 13),
        ];
        var x = Numbers.Random(6 * Inputs, 14);
        var together = Run(gang, x, 6, matrices, VectorSupport.Widest);
        for (var t = 0; t < 6; t++)
        {
            float[] apart = [.. matrices.SelectMany(matrix => Run(gang, x[(t * Inputs)..((t + 1) * Inputs)], 1, [matrix], VectorSupport.Widest))];
            Numbers.AssertSameBits(apart, together.AsSpan(t * 77, 77), $"row {t}");
        }
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void Multiply_Add_AddsTheProduct(VectorWidth width)
    {
        using var gang = new WorkerGang(2);
        foreach (var outputs in new[] { 1, 2, 3, 4, 7, 30 })
        {
            var matrix = Numbers.Matrix(WeightFormat.F32, outputs, 33, 15);
            var x = Numbers.Random(5 * 33, 16);
            var product = Run(gang, x, 5, [matrix], width);
            var y = Numbers.Random(5 * outputs, 17);
            float[] expected = [.. y.Zip(product, (a, b) => a + b)];
            MatrixProduct.Multiply(gang, x, 5, [matrix], y, add: true, width);
            Numbers.AssertSameBits(expected, y, $"{outputs} outputs");
        }
    }

    [Fact]
    public void Multiply_SpansTooShortOrMatricesThatDoNotFit_Throws()
    {
        using var gang = new WorkerGang(1);
        var matrix = Numbers.Matrix(WeightFormat.F32, 3, 5, 1);
        var other = Numbers.Matrix(WeightFormat.F32, 3, 6, 1);
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(gang, new float[9], 2, matrix, new float[6]));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(gang, new float[10], 2, matrix, new float[5]));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(gang, new float[10], 1, [matrix, other], new float[6]));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(gang, new float[10], 1, [], new float[6]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MatrixProduct.Multiply(gang, new float[10], -1, matrix, new float[6]));
    }

    private static float[] Run(WorkerGang gang, float[] x, int tokens, WeightMatrix[] matrices, VectorWidth width)
    {
        // Filled with NaN: a result that is not written is found.
        var y = Enumerable.Repeat(float.NaN, tokens * matrices.Sum(matrix => matrix.Outputs)).ToArray();
        MatrixProduct.Multiply(gang, x, tokens, matrices, y, add: false, width);
        return y;
    }
}
