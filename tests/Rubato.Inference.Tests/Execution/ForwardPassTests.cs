using Rubato.Kernels.Attention;
using Rubato.Models;
using Rubato.Models.Gguf;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Execution;

public class ForwardPassTests
{
    // Logits of the random models lie within ±10; single precision over two layers loses about 2⁻²⁰ of that.
    private const double Tolerance = 2e-5;

    public static TheoryData<string> Shapes => [.. ModelVariants.All.Keys];

    public static TheoryData<GgmlType> QuantisedTypes => [.. Enum.GetValues<GgmlType>().Where(type => type.IsSupported() && type.IsQuantized())];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Logits_AnyShape_AgreeWithDoublePrecisionReference(string shape)
    {
        using var file = RandomModel.Write(ModelVariants.All[shape], seed: 1);
        using var harness = new Harness(file);
        AssertClose(file, harness, harness.Table(), Tolerance);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Logits_AnyShape_SameBitsInAnyChunksBesideAnyOthersOnAnyThreads(string shape)
    {
        using var file = RandomModel.Write(ModelVariants.All[shape], seed: 12);
        using var harness = new Harness(file, blockTokens: 5, workers: 3);
        AssertCompanyChangesNothing(harness);
    }

    [Theory]
    [InlineData("mixtral")]
    [InlineData("qwen2moe")]
    [InlineData("gemma2")]
    [InlineData("phi3")]
    public void Logits_PackedWeights_SameBitsInAnyChunksBesideAnyOthersOnAnyThreads(string shape)
    {
        var configuration = ModelVariants.All[shape];
        if (configuration.Experts is { } experts)
        {
            // Whole blocks of 32 in every row.
            var shared = experts.SharedFeedForwardLength > 0 ? 128 : 0;
            configuration = configuration with { FeedForwardLength = 64, Experts = experts with { FeedForwardLength = 64, SharedFeedForwardLength = shared } };
        }

        using var file = RandomModel.Write(configuration, seed: 15, name => TensorNames.IsRouter(name) ? GgmlType.F32 : GgmlType.Q8_0);
        using var harness = new Harness(file, blockTokens: 5, workers: 3, packing: new() { CacheBytesMin = long.MaxValue, Threads = 1 });
        Assert.Contains(harness.Model.Layers[0].MatricesOfToken, matrix => matrix.IsPacked);
        AssertCompanyChangesNothing(harness);
    }

    [Theory]
    [InlineData(GgmlType.F16)]
    [InlineData(GgmlType.BF16)]
    [InlineData(GgmlType.Q8_0)]
    public void Logits_WeightsOfOtherTypes_AgreeWithReferenceOverTheSameNumbers(GgmlType type)
    {
        // The reference reads the same rounded weights: the kernels add no error of their own beyond single precision.
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 2, _ => type);
        using var harness = new Harness(file);
        AssertClose(file, harness, harness.Table(), Tolerance);
    }

    [Fact]
    public void Logits_TypesMixedPerTensor_AgreeWithReference()
    {
        GgmlType[] types = [GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0];
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 3, name => types[name.Length % 4]);
        using var harness = new Harness(file);
        AssertClose(file, harness, harness.Table(), Tolerance);
    }

    [Theory]
    [InlineData(KvFormat.F16, 2e-2)] // Keys and values are rounded to 2⁻¹¹ of their size,
    [InlineData(KvFormat.Q8_0, 2e-1)] // or to 1/254 of the largest of 32.
    public void Logits_CacheOfSmallerNumbers_StayNearReference(KvFormat format, double tolerance)
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 4);
        using var harness = new Harness(file, format: format);
        AssertClose(file, harness, harness.Table(), tolerance);
    }

    [Theory]
    [InlineData(KvFormat.F16)]
    [InlineData(KvFormat.Q8_0)]
    public void Logits_CacheOfSmallerNumbers_AnyChunksBlocksAndWorkers_SameBits(KvFormat format)
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 4);
        var tokens = RandomModel.Tokens(RandomModel.Configuration, 60, seed: 4);
        using var whole = new Harness(file, blockTokens: 64, blocks: 1, workers: 1, format: format);
        var expected = whole.Logits(tokens, whole.Table());
        using var paged = new Harness(file, blockTokens: 5, blocks: 12, workers: 3, format: format);
        foreach (var chunks in new int[][] { [1], [7, 2, 30], [60] })
        {
            AssertSameBits(expected, paged.Logits(tokens, paged.Table(shuffleSeed: 2), chunks));
        }
    }

    [Fact]
    public void Logits_AnyBlockSizeAndShuffledTables_SameBits()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 5);
        var tokens = RandomModel.Tokens(RandomModel.Configuration, 70, seed: 5);
        using var contiguous = new Harness(file, blockTokens: 128, blocks: 1);
        var expected = contiguous.Logits(tokens, contiguous.Table());
        foreach (var blockTokens in new[] { 1, 3, 16, 17 })
        {
            using var paged = new Harness(file, blockTokens, blocks: 128);
            AssertSameBits(expected, paged.Logits(tokens, paged.Table(shuffleSeed: (ulong)blockTokens)));
        }
    }

    [Fact]
    public void Logits_PromptCutIntoChunks_SameBits()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 6);
        using var harness = new Harness(file);
        var tokens = RandomModel.Tokens(RandomModel.Configuration, 90, seed: 6);
        var expected = harness.Logits(tokens, harness.Table());
        foreach (var chunks in new int[][] { [1], [2], [3, 5, 7], [64, 1], [31, 33], [89, 1] })
        {
            AssertSameBits(expected, harness.Logits(tokens, harness.Table(shuffleSeed: 1), chunks));
        }
    }

    [Fact]
    public void Logits_OfFewRowsOnly_SameBitsAsOfAll()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 10);
        using var harness = new Harness(file);
        var tokens = RandomModel.Tokens(RandomModel.Configuration, 30, seed: 10);
        var expected = harness.Logits(tokens, harness.Table());
        harness.Pass.Clear();
        harness.Pass.Append(0, tokens.AsSpan(0, 11), harness.Table(), 0);
        harness.Pass.Append(0, tokens, harness.Table()[8..], 3);
        harness.Pass.Append(0, tokens.AsSpan(0, 20), harness.Table()[16..], 1);
        harness.Pass.Run();
        var actual = Enumerable.Range(0, harness.Pass.LogitRows).Select(row => harness.Pass.Logits(row).ToArray()).ToArray();
        AssertSameBits([expected[27], expected[28], expected[29], expected[19]], actual);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Logits_AnyNumberOfThreads_SameBits(int workers)
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 7, _ => GgmlType.Q8_0);
        var tokens = RandomModel.Tokens(RandomModel.Configuration, 60, seed: 7);
        using var two = new Harness(file);
        using var other = new Harness(file, workers: workers);
        AssertSameBits(two.Logits(tokens, two.Table()), other.Logits(tokens, other.Table()));
    }

    [Theory]
    [MemberData(nameof(QuantisedTypes))]
    public void Logits_QuantisedModel_SameBitsAsItsDequantisedForm(GgmlType type)
    {
        var configuration = RandomModel.Configuration with { EmbeddingLength = 256, FeedForwardLength = 256, HeadLength = 64, RopeDimensionCount = 64 };
        using var quantised = RandomModel.Write(configuration, seed: 8, _ => type);
        var writer = new GgufWriter();
        configuration.WriteTo(writer);
        foreach (var (name, dimensions) in configuration.Tensors())
        {
            writer.AddTensor(name, dimensions, GgmlType.F32, (row, values) => quantised.ReadRow(quantised.GetTensor(name), row, values));
        }

        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        using var plain = GgufFile.Parse(stream.ToArray(), "plain.gguf");
        using var a = new Harness(quantised);
        using var b = new Harness(plain);
        var tokens = RandomModel.Tokens(configuration, 20, seed: 8);
        AssertSameBits(a.Logits(tokens, a.Table(), 17, 1), b.Logits(tokens, b.Table()));
    }

    [Fact]
    public void Append_TokenOutsideVocabularyOrBlockOutsideCache_Throws()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 9);
        using var harness = new Harness(file, blocks: 2);
        harness.Pass.Clear();
        Assert.Throws<ArgumentException>(() => harness.Pass.Append(0, [97], harness.Table(), 1));
        Assert.Throws<ArgumentException>(() => harness.Pass.Append(0, [-1], harness.Table(), 1));
        Assert.Throws<ArgumentException>(() => harness.Pass.Append(0, [1], [new BlockId(2)], 1));
        Assert.Throws<ArgumentException>(() => harness.Pass.Append(0, [1], [new BlockId(-1)], 1));
        Assert.Throws<ArgumentException>(() => harness.Pass.Append(16, [1], [new BlockId(0)], 1));
        Assert.Equal(0, harness.Pass.LogitRows);
    }

    private static void AssertCompanyChangesNothing(Harness harness)
    {
        var configuration = harness.Model.Configuration;
        var tokens = RandomModel.Tokens(configuration, 40, seed: 12);
        var expected = harness.Logits(tokens, harness.Table());
        AssertSameBits(expected, harness.Logits(tokens, harness.Table(shuffleSeed: 1), 1));
        AssertSameBits(expected, harness.Logits(tokens, harness.Table(shuffleSeed: 2), 3, 5, 17));

        // The same positions in two passes, each beside two other sequences.
        for (var start = 0; start < tokens.Length; start += 20)
        {
            harness.Pass.Clear();
            harness.Pass.Append(0, RandomModel.Tokens(configuration, 13, seed: 13), harness.Table()[32..], 2);
            harness.Pass.Append(start, tokens.AsSpan(start, 20), harness.Table(), 20);
            harness.Pass.Append(0, RandomModel.Tokens(configuration, 29, seed: 14), harness.Table()[64..], 1);
            harness.Pass.Run();
            var actual = Enumerable.Range(2, 20).Select(row => harness.Pass.Logits(row).ToArray()).ToArray();
            AssertSameBits(expected[start..(start + 20)], actual);
        }
    }

    private static void AssertClose(GgufFile file, Harness harness, BlockId[] table, double tolerance)
    {
        var tokens = RandomModel.Tokens(harness.Model.Configuration, 37, seed: 11);
        var expected = new ReferenceModel(file).Logits(tokens);
        var actual = harness.Logits(tokens, table, 20, 1, 9);
        var error = expected.Zip(actual, (e, a) => e.Zip(a, (x, y) => Math.Abs(x - y)).Max()).Max();
        Assert.True(error <= tolerance, $"largest error {error}");
    }

    private static void AssertSameBits(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var row = 0; row < expected.Length; row++)
        {
            Assert.True(expected[row].AsSpan().SequenceEqual(actual[row]), $"row {row} differs");
        }
    }
}
