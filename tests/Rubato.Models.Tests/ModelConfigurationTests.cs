using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Kernels.Memory;
using Rubato.Models.Architectures;
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

    private static readonly ExpertConfiguration Experts = new() { Count = 4, UsedCount = 2, FeedForwardLength = 96, NormalizesWeights = true };

    internal static readonly Dictionary<string, ModelConfiguration> Variants = new()
    {
        ["biases"] = Small with { HasQueryKeyValueBias = true, HasAttentionOutputBias = true, HasFeedForwardBias = true },
        ["factors"] = Small with { RopeFactors = RotaryFactors.Frequencies },
        ["linear"] = Small with { RopeScaling = new() { Kind = RotaryScalingKind.Linear, Factor = 4 } },
        ["yarn"] = Small with { RopeScaling = new() { Kind = RotaryScalingKind.Yarn, Factor = 4, OriginalContextLength = 16, BetaFast = 8 } },
        ["window"] = Small with { SlidingWindow = 9 },
        ["mixtral"] = Small with { Experts = Experts },
        ["qwen2"] = Small with { Architecture = ModelArchitecture.Qwen2, HasQueryKeyValueBias = true },
        ["qwen3"] = Small with { Architecture = ModelArchitecture.Qwen3, HeadLength = 16, RopeDimensionCount = 16 },
        ["qwen2moe"] = Small with
        {
            Architecture = ModelArchitecture.Qwen2Moe, HasQueryKeyValueBias = true,
            Experts = Experts with { NormalizesWeights = false, FeedForwardLength = 48, SharedFeedForwardLength = 80 },
        },
        ["qwen3moe"] = Small with { Architecture = ModelArchitecture.Qwen3Moe, Experts = Experts with { FeedForwardLength = 24, WeightScale = 2 } },
        ["gemma"] = Small with { Architecture = ModelArchitecture.Gemma },
        ["gemma2"] = Small with
        {
            Architecture = ModelArchitecture.Gemma2, SlidingWindow = 8, SlidingWindowPeriod = 2, AttentionSoftCap = 50, LogitSoftCap = 0,
        },
        ["gemma3"] = Small with
        {
            Architecture = ModelArchitecture.Gemma3, BlockCount = 4, SlidingWindow = 11, SlidingWindowPeriod = 3, LocalRopeTheta = 9_000,
            RopeScaling = new() { Kind = RotaryScalingKind.Linear, Factor = 8 },
        },
        ["phi3"] = Small with { Architecture = ModelArchitecture.Phi3, FusesQueryKeyValue = true, HasQueryKeyValueBias = true },
        ["phi3, long"] = Small with
        {
            Architecture = ModelArchitecture.Phi3, FusesQueryKeyValue = true, RopeFactors = RotaryFactors.ShortAndLong,
            RopeScaling = new() { Kind = RotaryScalingKind.LongRope, OriginalContextLength = 16, AttentionFactor = 1.2f },
        },
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
    [InlineData("general.architecture", "qwen9", "architectures that work: llama, qwen2, qwen2moe, qwen3, qwen3moe, gemma, gemma2, gemma3, phi3")]
    [InlineData("llama.attention.head_count_kv", 3, "cannot share")]
    [InlineData("llama.attention.key_length", 7, "equally long")]
    [InlineData("llama.rope.dimension_count", 7, "must be even")]
    [InlineData("llama.rope.dimension_count", 10, "at most the head length")]
    [InlineData("llama.rope.freq_base", float.NaN, "rotary base")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", 0f, "epsilon")]
    [InlineData("llama.context_length", 0, "context length")]
    [InlineData("llama.block_count", 3, "'blk.2.attn_norm.weight' is missing")]
    [InlineData("llama.block_count", 1, "no part of a llama model")]
    [InlineData("llama.block_count", 2_000_000_000, "block count")]
    [InlineData("llama.embedding_length", 64, "should have the dimensions")]
    [InlineData("llama.feed_forward_length", 95, "should have the dimensions")]
    [InlineData("llama.vocab_size", 49, "49 tokens")]
    [InlineData("llama.expert_count", 8, "'llama.expert_used_count' is missing")]
    [InlineData("llama.expert_count", -8, "'llama.expert_used_count' is missing")]
    [InlineData("llama.rope.scaling.type", "ntk", "methods that work: none, linear, yarn, longrope")]
    [InlineData("llama.rope.scaling.type", "longrope", "rope_factors_long.weight")]
    [InlineData("llama.rope.scale_linear", -2f, "factor of the rotary scaling")]
    [InlineData("llama.rope.scaling.factor", float.NaN, "factor of the rotary scaling")]
    [InlineData("llama.rope.scaling.attn_factor", 0f, "attention factor")]
    [InlineData("llama.attention.sliding_window", -1, "sliding window")]
    [InlineData("llama.attention.sliding_window_pattern", "often", "an integer is needed", 7)]
    [InlineData("llama.attn_logit_softcapping", -1f, "soft cap")]
    [InlineData("llama.final_logit_softcapping", float.PositiveInfinity, "soft cap")]
    [InlineData("llama.attention.scale", 0.5f, "llama.attention.scale is 0.5")]
    [InlineData("llama.leading_dense_block_count", 1, "leading_dense_block_count is 1")]
    [InlineData("llama.rope.scaling.yarn_ext_factor", 2f, "yarn_ext_factor is 2")]
    [InlineData("llama.embedding_scale", float.NaN, "embedding_scale is NaN")]
    [InlineData("llama.embedding_length", "wide", "an integer is needed")]
    [InlineData("llama.embedding_length", -5, "embedding length")]
    public void Files_that_contradict_themselves_are_refused(string key, object value, string reason, int window = 0)
    {
        using var file = Build(Small with { SlidingWindow = window }, writer => writer.Set(key, Value(value)));
        var refusal = Assert.Throws<InvalidFormatException>(() => ModelConfiguration.FromGguf(file));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("test.gguf: ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory]
    [InlineData("mixtral", "llama.expert_used_count", 0, "number of experts used is 0")]
    [InlineData("mixtral", "llama.expert_used_count", 5, "a token uses 5 experts, but a layer has 4")]
    [InlineData("mixtral", "llama.expert_count", 3, "should have the dimensions")]
    [InlineData("mixtral", "llama.expert_count", 2_000_000_000, "expert count")]
    [InlineData("mixtral", "llama.expert_count", 0, "'blk.0.ffn_gate.weight' is missing")]
    [InlineData("mixtral", "llama.expert_weights_scale", float.NaN, "scale of the expert weights")]
    [InlineData("mixtral", "llama.expert_gating_func", 2, "expert_gating_func is 2")]
    [InlineData("mixtral", "llama.expert_shared_feed_forward_length", 8, "shared expert is 8")]
    [InlineData("qwen3moe", "qwen3moe.expert_count", 0, "expert count is 0")]
    [InlineData("qwen2moe", "qwen2moe.expert_shared_feed_forward_length", -1, "shared expert is -1")]
    [InlineData("qwen2", "qwen2.expert_count", 4, "'qwen2.expert_used_count' is missing")]
    [InlineData("qwen2", "qwen2.attention.sliding_window", 63, "sliding window is 63")]
    [InlineData("qwen2", "qwen2.attention.causal", false, "causal")]
    [InlineData("gemma3", "gemma3.rope.freq_base_swa", 0f, "rotary base is 0")]
    [InlineData("gemma3", "gemma3.rope.scaling.type", "yarn", "YaRN")]
    [InlineData("gemma3", "gemma3.attention.sliding_window_pattern", -3, "period -3")]
    [InlineData("yarn", "llama.rope.scaling.original_context_length", 0, "original context length")]
    [InlineData("yarn", "llama.rope.scaling.yarn_beta_fast", 0.5f, "beta fast 0.5 below beta slow 1")]
    public void Variants_that_contradict_themselves_are_refused(string variant, string key, object value, string reason)
    {
        using var file = Build(Variants[variant], writer => writer.Set(key, Value(value)));
        var refusal = Assert.Throws<InvalidFormatException>(() => ModelConfiguration.FromGguf(file));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("test.gguf: ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    public static TheoryData<string> VariantNames => [.. Variants.Keys];

    [Theory]
    [MemberData(nameof(VariantNames))]
    public void Variants_read_back_equal(string variant)
    {
        var configuration = Variants[variant];
        Assert.Empty(configuration.Problems());
        Assert.False(configuration.IsPlainLlama);
        using var file = Build(configuration, _ => { });
        Assert.Equal(configuration, ModelConfiguration.FromGguf(file));
        Assert.Equal(configuration.ParameterCount, ModelSummary.FromGguf(file).ParameterCount);
        Assert.Null(ModelSummary.FromGguf(file).Obstacle);
    }

    [Fact]
    public void A_plain_model_is_plain_whatever_its_sizes()
    {
        Assert.True(Small.IsPlainLlama);
        Assert.True((Small with { TiedHead = true, RopeTheta = 7, RopeDimensionCount = 4 }).IsPlainLlama);
    }

    [Fact]
    public void A_pattern_of_windows_may_be_given_per_layer()
    {
        foreach (var (pattern, period) in new (bool[], int?)[]
        {
            ([true, true, false, true], 3), ([true, true, true, true], 0), ([false, false, false, false], 1), ([true, false, true, true], null),
        })
        {
            using var file = Build(Variants["gemma3"], writer =>
                writer.Set("gemma3.attention.sliding_window_pattern", GgufArray.Of(ImmutableArray.Create(pattern))));
            if (period is null)
            {
                Assert.Contains("follows no period (layer 3)", Assert.Throws<InvalidFormatException>(() => ModelConfiguration.FromGguf(file)).Message);
                continue;
            }

            var read = ModelConfiguration.FromGguf(file);
            Assert.Equal(period, read.SlidingWindowPeriod);
            Assert.Equal(pattern, Enumerable.Range(0, 4).Select(block => read.WindowOf(block) > 0));
        }
    }

    [Fact]
    public void A_window_as_long_as_the_context_is_no_window_where_the_architecture_has_none()
    {
        using var file = Build(Variants["qwen2"], writer => writer.Set("qwen2.attention.sliding_window", 64));
        Assert.Equal(Variants["qwen2"], ModelConfiguration.FromGguf(file));
    }

    [Fact]
    public void Factors_of_phi3_files_mean_longrope_without_another_word()
    {
        var expected = Variants["phi3, long"];
        using var file = Build(expected, _ => { }, drop: ["phi3.rope.scaling.type", "phi3.rope.scaling.factor"]);
        Assert.Equal(expected, ModelConfiguration.FromGguf(file));
    }

    [Fact]
    public void Experts_in_tensors_of_their_own_are_refused()
    {
        using var file = Build(Variants["mixtral"], writer =>
            writer.AddTensor("blk.0.ffn_gate.0.weight", [32, 96], GgmlType.F32, new float[32 * 96]));
        Assert.Contains("old layout", Assert.Throws<InvalidFormatException>(() => ModelConfiguration.FromGguf(file)).Message);
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

    internal static GgufFile Build(ModelConfiguration configuration, Action<GgufWriter> change, string[]? drop = null)
    {
        var full = new GgufWriter();
        configuration.WriteTo(full);
        var writer = new GgufWriter();
        foreach (var (key, value) in full.Metadata.Where(pair => drop?.Contains(pair.Key) != true))
        {
            writer.Set(key, value);
        }

        AddTensors(configuration, writer, _ => GgmlType.F32);
        change(writer);
        return GgufFile.Parse(GgufRoundTripTests.Bytes(writer), "test.gguf");
    }

    private static GgufValue Value(object value) => value switch
    {
        string text => text,
        float number => number,
        bool flag => flag,
        _ => (int)value,
    };

    private static void AddTensors(ModelConfiguration configuration, GgufWriter writer, Func<ModelTensor, GgmlType> type)
    {
        foreach (var tensor in configuration.Tensors())
        {
            writer.AddTensor(tensor.Name, tensor.Dimensions, type(tensor), new float[tensor.ElementCount]);
        }
    }
}
