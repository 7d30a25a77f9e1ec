using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Kernels.Memory;
using Rubato.Models.Gguf;
using Rubato.Models.Tests.Gguf;

namespace Rubato.Models.Tests;

public sealed class ModelConfigurationTests
{
    private static readonly ModelConfiguration Small = new()
    {
        ContextLength = 64,
        EmbeddingLength = 32,
        BlockCount = 2,
        FeedForwardLength = 96,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadLength = 8,
        RmsNormEpsilon = 1e-5f,
        RopeTheta = 500_000,
        RopeDimensionCount = 8,
        VocabularySize = 48,
        TiedHead = false,
    };

    [Fact]
    public void Random_configurations_read_back_equal()
    {
        var prng = new Prng(3);
        for (var run = 0; run < 100; run++)
        {
            var keyValueHeads = prng.NextInt32(1, 4);
            var headLength = prng.NextInt32(1, 9) * 2;
            var drawn = new ModelConfiguration
            {
                ContextLength = prng.NextInt32(1, 5000),
                EmbeddingLength = prng.NextInt32(1, 40),
                BlockCount = prng.NextInt32(1, 4),
                FeedForwardLength = prng.NextInt32(1, 40),
                HeadCount = keyValueHeads * prng.NextInt32(1, 4),
                KeyValueHeadCount = keyValueHeads,
                HeadLength = headLength,
                RmsNormEpsilon = (float)prng.NextDouble() * 0.5f + 1e-9f,
                RopeTheta = 1.5f + (float)prng.NextDouble() * 1e6f,
                RopeDimensionCount = prng.NextInt32(1, (headLength / 2) + 1) * 2,
                VocabularySize = prng.NextInt32(1, 60),
                TiedHead = prng.Chance(1, 2),
            };
            Assert.Empty(drawn.Problems());
            using var file = Build(drawn, _ => { });
            Assert.Equal(drawn, ModelConfiguration.FromGguf(file));
            Assert.Equal(drawn.ParameterCount, ModelSummary.FromGguf(file).ParameterCount);
        }
    }

    [Fact]
    public void Keys_that_may_be_absent_have_their_defaults()
    {
        using var full = Build(Small, _ => { });
        var writer = new GgufWriter();
        string[] optional =
        [
            "llama.attention.key_length", "llama.attention.value_length", "llama.rope.dimension_count", "llama.rope.freq_base",
            "llama.attention.head_count_kv", "llama.vocab_size",
        ];
        var everyHeadItsOwn = Small with { KeyValueHeadCount = Small.HeadCount };
        everyHeadItsOwn.WriteTo(writer);
        var lean = new GgufWriter();
        foreach (var (key, value) in writer.Metadata.Where(pair => !optional.Contains(pair.Key)))
        {
            lean.Set(key, value);
        }

        AddTensors(everyHeadItsOwn, lean, _ => GgmlType.F32);
        using var file = GgufFile.Parse(GgufRoundTripTests.Bytes(lean), "lean");
        Assert.Equal(everyHeadItsOwn with { RopeTheta = 10_000 }, ModelConfiguration.FromGguf(file));
    }

    [Theory]
    [InlineData("general.architecture", "qwen9", "architectures that work: llama")]
    [InlineData("llama.attention.head_count_kv", 3, "cannot share")]
    [InlineData("llama.attention.key_length", 7, "equally long")]
    [InlineData("llama.rope.dimension_count", 7, "must be even")]
    [InlineData("llama.rope.dimension_count", 10, "at most the head length")]
    [InlineData("llama.rope.freq_base", float.NaN, "rotary base")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", 0f, "epsilon")]
    [InlineData("llama.context_length", 0, "context length")]
    [InlineData("llama.block_count", 3, "'blk.2.attn_norm.weight' is missing")]
    [InlineData("llama.block_count", 1, "no part of a plain Llama model")]
    [InlineData("llama.block_count", 2_000_000_000, "block count")]
    [InlineData("llama.embedding_length", 64, "should have the dimensions")]
    [InlineData("llama.feed_forward_length", 95, "should have the dimensions")]
    [InlineData("llama.vocab_size", 49, "49 tokens")]
    [InlineData("llama.expert_count", 8, "experts")]
    [InlineData("llama.rope.scaling.type", "yarn", "scaled rotary")]
    [InlineData("llama.rope.scale_linear", 2f, "scaled rotary")]
    [InlineData("llama.embedding_length", "wide", "an integer is needed")]
    [InlineData("llama.embedding_length", -5, "embedding length")]
    public void Files_that_contradict_themselves_are_refused(string key, object value, string reason)
    {
        using var file = Build(Small, writer => writer.Set(key, value switch
        {
            string text => text,
            float number => number,
            _ => (int)value,
        }));
        var refusal = Assert.Throws<InvalidFormatException>(() => ModelConfiguration.FromGguf(file));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("test.gguf: ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void A_vocabulary_of_another_size_than_the_embedding_is_refused()
    {
        using var file = Build(Small, writer => writer.Set("tokenizer.ggml.tokens", GgufArray.Of(ImmutableArray.Create("a", "b"))));
        var refusal = Assert.Throws<InvalidFormatException>(() => ModelConfiguration.FromGguf(file));
        Assert.Contains("tokenizer.ggml.tokens says 2 tokens", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_of_unsupported_types_are_refused_by_name_but_summarised()
    {
        var writer = new GgufWriter();
        var wide = Small with { EmbeddingLength = 256, HeadLength = 64 };
        wide.WriteTo(writer);
        foreach (var tensor in wide.Tensors())
        {
            var type = tensor.Name == TensorNames.AttentionKey(1) ? GgmlType.IQ4_XS : GgmlType.F16;
            var bytes = new PinnedBytes(new byte[type.RowBytes(tensor.ElementCount)]);
            writer.AddTensor(tensor.Name, tensor.Dimensions, type, bytes.Region);
        }

        using var file = GgufFile.Parse(GgufRoundTripTests.Bytes(writer), "test.gguf");
        var refusal = Assert.Throws<InvalidFormatException>(() => ModelConfiguration.FromGguf(file));
        Assert.Contains("'blk.1.attn_k.weight' [256, 128] IQ4_XS", refusal.Message, StringComparison.Ordinal);
        var summary = ModelSummary.FromGguf(file);
        Assert.False(summary.AllTypesSupported);
        Assert.Equal(["F16", "IQ4_XS"], summary.Types.Select(t => t.Type));
        Assert.Equal(wide.ParameterCount, summary.ParameterCount);
    }

    internal static GgufFile Build(ModelConfiguration configuration, Action<GgufWriter> change)
    {
        var writer = new GgufWriter();
        configuration.WriteTo(writer);
        AddTensors(configuration, writer, _ => GgmlType.F32);
        change(writer);
        return GgufFile.Parse(GgufRoundTripTests.Bytes(writer), "test.gguf");
    }

    private static void AddTensors(ModelConfiguration configuration, GgufWriter writer, Func<ModelTensor, GgmlType> type)
    {
        foreach (var tensor in configuration.Tensors())
        {
            writer.AddTensor(tensor.Name, tensor.Dimensions, type(tensor), new float[tensor.ElementCount]);
        }
    }
}
