using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Panels;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.Panels;

public class PackedProductTests
{
    // Outputs on both sides of every panel's rows and of an item's end.
    private static readonly (int Tokens, int Outputs)[] Shapes = [(1, 1), (1, 17), (2, 3), (3, 4), (4, 5), (5, 16), (6, 8), (7, 50), (9, 33)];

    public static TheoryData<VectorWidth, WeightFormat> WidthsAndFormats
    {
        get
        {
            var data = new TheoryData<VectorWidth, WeightFormat>();
            foreach (var format in Formats)
            {
                foreach (var width in VectorSupport.Available)
                {
                    data.Add(width, format);
                }
            }

            return data;
        }
    }

    public static TheoryData<WeightFormat> AllFormats => [.. Formats];

    private static IEnumerable<WeightFormat> Formats => Enum.GetValues<WeightFormat>().Where(PackedWeights.Handles);

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
                var expected = Product(gang, x, tokens, Packed(gang, matrix, VectorWidth.Scalar));
                Numbers.AssertSameBits(
                    expected, Product(gang, x, tokens, Packed(gang, matrix, width)), $"[{tokens}, {inputs}] × [{outputs}, {inputs}]");
            }
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndFormats))]
    public void Multiply_LargestCodesAndActivations_SumsDoNotOverflow(VectorWidth width, WeightFormat format)
    {
        // All bits set give the largest codes and factors; activations of one size are all ±127.
        const int Inputs = 512;
        using var gang = new WorkerGang(1);
        foreach (var fill in new byte[] { 0xff, 0x80, 0x7f, 0x00 })
        {
            var matrix = Numbers.Matrix(format, 20, Inputs, 1, fill);
            foreach (var sign in new[] { 1, -1 })
            {
                float[] x = [.. Enumerable.Repeat(sign * 3f, Inputs)];
                var expected = Product(gang, x, 1, Packed(gang, matrix, VectorWidth.Scalar));
                Numbers.AssertSameBits(expected, Product(gang, x, 1, Packed(gang, matrix, width)), $"bytes {fill}, sign {sign}");
                var rows = Numbers.Rows(matrix);
                for (var output = 0; output < 20; output++)
                {
                    var terms = rows[output].Select(weight => (double)weight * x[0]).ToArray();
                    Assert.Equal(terms.Sum(), expected[output], 1e-5 * terms.Sum(Math.Abs));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllFormats))]
    public void Multiply_AgainstDecodedRows_OffByRoundingOfActivationsOnly(WeightFormat format)
    {
        const int Inputs = 1024;
        using var gang = new WorkerGang(2);
        var matrix = Numbers.Matrix(format, 24, Inputs, 3);
        var x = Numbers.Random(Inputs, 4);
        var actual = Product(gang, x, 1, Packed(gang, matrix, VectorSupport.Widest));
        var rows = Numbers.Rows(matrix);
        for (var output = 0; output < 24; output++)
        {
            // Rounding errors are at most half a code, so at most 1 ∕ 254 of the largest activation, for each weight.
            var exact = rows[output].Zip(x, (weight, activation) => (double)weight * activation).Sum();
            var bound = rows[output].Sum(weight => Math.Abs((double)weight)) / 254;
            Assert.InRange(actual[output] - exact, -bound, bound);
        }
    }

    [Theory]
    [MemberData(nameof(AllFormats))]
    public void Multiply_RowInAnyBatch_SameBitsAsAlone(WeightFormat format)
    {
        const int Inputs = 256;
        const int Outputs = 50;
        const int Tokens = 14;
        using var gang = new WorkerGang(2);
        var matrix = Packed(gang, Numbers.Matrix(format, Outputs, Inputs, 5), VectorSupport.Widest);
        var x = Numbers.Random(Tokens * Inputs, 6);
        var alone = Enumerable.Range(0, Tokens).Select(t => Product(gang, x[(t * Inputs)..((t + 1) * Inputs)], 1, matrix)).ToArray();
        for (var first = 0; first < Tokens; first += 3)
        {
            for (var count = 1; first + count <= Tokens; count++)
            {
                var together = Product(gang, x[(first * Inputs)..((first + count) * Inputs)], count, matrix);
                for (var t = 0; t < count; t++)
                {
                    Numbers.AssertSameBits(alone[first + t], together.AsSpan(t * Outputs, Outputs), $"row {t} of {count}");
                }
            }
        }
    }

    [Fact]
    public void Multiply_ManyTokensOverSeveralBlocks_SameBitsAsAlone()
    {
        // Rows of 16,384 numbers: a block of activations holds 16 of them.
        const int Inputs = 16384;
        using var gang = new WorkerGang(2);
        var matrix = Packed(gang, Numbers.Matrix(WeightFormat.Q4_K, 18, Inputs, 7), VectorSupport.Widest);
        var x = Numbers.Random(37 * Inputs, 8);
        var together = Product(gang, x, 37, matrix);
        foreach (var t in new[] { 0, 15, 16, 35, 36 })
        {
            Numbers.AssertSameBits(Product(gang, x[(t * Inputs)..((t + 1) * Inputs)], 1, matrix), together.AsSpan(t * 18, 18), $"row {t}");
        }
    }

    [Fact]
    public void Multiply_PackedAndPlainMatricesTogether_AreTheirProductsSideBySide()
    {
        const int Inputs = 256;
        using var gang = new WorkerGang(2);
        WeightMatrix[] matrices =
        [
            Packed(gang, Numbers.Matrix(WeightFormat.Q4_K, 20, Inputs, 9), VectorSupport.Widest),
            Numbers.Matrix(WeightFormat.F32, 7, Inputs, 10),
            Packed(gang, Numbers.Matrix(WeightFormat.Q6_K, 30, Inputs, 11), VectorSupport.Widest),
        ];
        var x = Numbers.Random(6 * Inputs, 12);
        var together = new float[6 * 57];
        MatrixProduct.Multiply(gang, x, 6, matrices, together);
        for (var t = 0; t < 6; t++)
        {
            float[] apart = [.. matrices.SelectMany(matrix => Product(gang, x[(t * Inputs)..((t + 1) * Inputs)], 1, matrix))];
            Numbers.AssertSameBits(apart, together.AsSpan(t * 57, 57), $"row {t}");
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Multiply_ActivationThatIsNotFinite_MakesItsRowNaNAndNoOther(float bad)
    {
        const int Inputs = 512;
        using var gang = new WorkerGang(2);
        var matrix = Packed(gang, Numbers.Matrix(WeightFormat.Q4_0, 20, Inputs, 13), VectorSupport.Widest);
        var x = Numbers.Random(3 * Inputs, 14);
        var clean = Product(gang, x, 3, matrix);
        x[Inputs + 77] = bad;
        var actual = Product(gang, x, 3, matrix);
        Assert.All(actual.AsSpan(20, 20).ToArray(), value => Assert.True(float.IsNaN(value)));
        Numbers.AssertSameBits(clean.AsSpan(0, 20), actual.AsSpan(0, 20), "row before");
        Numbers.AssertSameBits(clean.AsSpan(40, 20), actual.AsSpan(40, 20), "row after");
    }

    [Theory]
    [MemberData(nameof(AllFormats))]
    public void Pack_ScaleThatIsNotFinite_NamesTheFirstOutput(WeightFormat format)
    {
        using var gang = new WorkerGang(2);
        const int Inputs = 256;
        foreach (var place in Numbers.Halves(format))
        {
            var bytes = new AlignedBuffer<byte>(format.RowBytes(Inputs) * 40);
            foreach (var output in new[] { 31, 33 })
            {
                BitConverter.TryWriteBytes(bytes.Span[(int)((format.RowBytes(Inputs) * output) + place)..], Half.NaN);
            }

            var matrix = new WeightMatrix(bytes.AsRegion(), format, 40, Inputs);
            using var target = new AlignedBuffer<byte>(PackedWeights.ByteLength(format, 40, Inputs));
            Assert.Equal(31, PackedWeights.Pack(gang, matrix, target.Span));
        }
    }

    [Theory]
    [MemberData(nameof(AllFormats))]
    public void ByteLength_WholePanels_AtMostFourPercentOverTheBlocks(WeightFormat format)
    {
        var blocks = format.RowBytes(4096) * 1024;
        Assert.InRange(PackedWeights.ByteLength(format, 1024, 4096), blocks, (long)(1.04 * blocks));
    }

    [Fact]
    public void QuantizeActivations_AnyNumbers_AsDefined()
    {
        const int Inputs = 512;
        var x = Numbers.Random(Inputs, 15, 1e-3f);
        x[300] = 40;
        Array.Clear(x, 32, 32);
        x.AsSpan(64, 32).Fill(1e-38f);
        foreach (var kind in Enum.GetValues<ActivationKind>())
        {
            AssertQuantizedAsDefined(x, kind);
        }
    }

    private static void AssertQuantizedAsDefined(float[] x, ActivationKind kind)
    {
        var (codes, scales, sums) = (new sbyte[x.Length], new float[x.Length / kind.BlockLength()], new int[x.Length / kind.GroupLength()]);
        ActivationQuantizer.Quantize(x, kind, codes, scales, sums);
        var expected = new sbyte[x.Length];
        for (var block = 0; block < scales.Length; block++)
        {
            var start = block * kind.BlockLength();
            var scale = ActivationQuantizer.QuantizeScalar(x.AsSpan(start, kind.BlockLength()), expected.AsSpan(start, kind.BlockLength()));
            Assert.Equal(scale, scales[block]);
        }

        Assert.Equal(expected, codes);
        for (var group = 0; group < sums.Length; group++)
        {
            Assert.Equal(expected.AsSpan(group * kind.GroupLength(), kind.GroupLength()).ToArray().Sum(code => code), sums[group]);
        }
    }

    private static WeightMatrix Packed(WorkerGang gang, WeightMatrix matrix, VectorWidth width)
    {
        var memory = new AlignedBuffer<byte>(PackedWeights.ByteLength(matrix.Format, matrix.Outputs, matrix.Inputs, width));
        Assert.Null(PackedWeights.Pack(gang, matrix, memory.Span, width));
        return matrix.WithPanels(new(memory.AsRegion(), matrix.Format, matrix.Outputs, matrix.Inputs, width));
    }

    private static float[] Product(WorkerGang gang, float[] x, int tokens, WeightMatrix matrix)
    {
        var y = new float[tokens * matrix.Outputs];
        MatrixProduct.Multiply(gang, x, tokens, matrix, y);
        return y;
    }
}
