using Rubato.Models;
using Rubato.Models.Architectures;

namespace Rubato.Inference.Tests;

/// <summary>Small models of every architecture and feature, by name.</summary>
internal static class ModelVariants
{
    private static readonly ModelConfiguration Plain = RandomModel.Configuration;

    private static readonly ExpertConfiguration Experts = new() { Count = 5, UsedCount = 2, FeedForwardLength = 48, NormalizesWeights = true };

    public static IReadOnlyDictionary<string, ModelConfiguration> All { get; } = new Dictionary<string, ModelConfiguration>
    {
        ["grouped, tied"] = Plain,
        ["untied"] = Plain with { TiedHead = false },
        ["one head each"] = Plain with { KeyValueHeadCount = 4 },
        ["one shared head"] = Plain with { KeyValueHeadCount = 1, HeadLength = 32, RopeDimensionCount = 32 },
        ["partly rotated"] = Plain with { RopeDimensionCount = 6, RopeTheta = 500_000 },
        ["odd sizes"] = Plain with
        {
            EmbeddingLength = 43, FeedForwardLength = 71, HeadCount = 3, KeyValueHeadCount = 3, HeadLength = 10, RopeDimensionCount = 10,
        },
        ["biases"] = Plain with { HasQueryKeyValueBias = true, HasAttentionOutputBias = true, HasFeedForwardBias = true },
        ["frequency factors"] = Plain with { RopeFactors = RotaryFactors.Frequencies, RopeTheta = 500_000 },
        ["linear"] = Plain with { RopeScaling = new() { Kind = RotaryScalingKind.Linear, Factor = 4 } },
        ["yarn"] = Plain with
        {
            RopeScaling = new() { Kind = RotaryScalingKind.Yarn, Factor = 4, OriginalContextLength = 64, BetaFast = 8, AttentionFactor = 1.1f },
        },
        ["longrope"] = Plain with
        {
            RopeScaling = new() { Kind = RotaryScalingKind.LongRope, OriginalContextLength = 64, AttentionFactor = 1.2f },
            RopeFactors = RotaryFactors.ShortAndLong,
        },
        ["window"] = Plain with { SlidingWindow = 9 },
        ["mixtral"] = Plain with { Experts = Experts, FeedForwardLength = 48 },
        ["every expert"] = Plain with { Experts = Experts with { UsedCount = 5, WeightScale = 1.5f }, FeedForwardLength = 48, BlockCount = 1 },
        ["qwen2"] = Plain with { Architecture = ModelArchitecture.Qwen2, HasQueryKeyValueBias = true, RopeTheta = 1e6f },
        ["qwen3"] = Plain with { Architecture = ModelArchitecture.Qwen3, HeadLength = 24, RopeDimensionCount = 24 },
        ["qwen2moe"] = Plain with
        {
            Architecture = ModelArchitecture.Qwen2Moe, HasQueryKeyValueBias = true,
            Experts = Experts with { NormalizesWeights = false, SharedFeedForwardLength = 112 },
        },
        ["qwen3moe"] = Plain with { Architecture = ModelArchitecture.Qwen3Moe, Experts = Experts with { Count = 8, UsedCount = 3 } },
        ["gemma"] = Plain with { Architecture = ModelArchitecture.Gemma, KeyValueHeadCount = 1, HeadLength = 32, RopeDimensionCount = 32 },
        ["gemma2"] = Plain with
        {
            Architecture = ModelArchitecture.Gemma2, BlockCount = 4, SlidingWindow = 8, SlidingWindowPeriod = 2, AttentionSoftCap = 5, LogitSoftCap = 10,
        },
        ["gemma3"] = Plain with
        {
            Architecture = ModelArchitecture.Gemma3, BlockCount = 4, SlidingWindow = 11, SlidingWindowPeriod = 3, RopeTheta = 1e6f,
            LocalRopeTheta = 10_000, RopeScaling = new() { Kind = RotaryScalingKind.Linear, Factor = 8 },
        },
        ["phi3"] = Plain with { Architecture = ModelArchitecture.Phi3, FusesQueryKeyValue = true, TiedHead = false, SlidingWindow = 20 },
        ["phi3, long"] = Plain with
        {
            Architecture = ModelArchitecture.Phi3, FusesQueryKeyValue = true, HasQueryKeyValueBias = true, RopeDimensionCount = 12,
            RopeFactors = RotaryFactors.ShortAndLong,
            RopeScaling = new() { Kind = RotaryScalingKind.LongRope, OriginalContextLength = 256, AttentionFactor = 1.2f },
        },
    };
}
