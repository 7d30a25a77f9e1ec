using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Architectures;

/// <summary>Writes a configuration as GGUF metadata.</summary>
internal static class ConfigurationWriter
{
    public static void Write(ModelConfiguration configuration, GgufWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var problem = configuration.Problems().FirstOrDefault();
        Check.Invariant(problem is null, $"an unsound configuration cannot be written: {problem}");
        var keys = new ConfigurationKeys(configuration.Architecture.Name);
        writer.Set(ConfigurationKeys.Architecture, configuration.Architecture.Name);
        writer.Set(keys.ContextLength, (uint)configuration.ContextLength);
        writer.Set(keys.EmbeddingLength, (uint)configuration.EmbeddingLength);
        writer.Set(keys.BlockCount, (uint)configuration.BlockCount);
        writer.Set(keys.FeedForwardLength, (uint)configuration.FeedForwardLength);
        writer.Set(keys.HeadCount, (uint)configuration.HeadCount);
        writer.Set(keys.KeyValueHeadCount, (uint)configuration.KeyValueHeadCount);
        writer.Set(keys.KeyLength, (uint)configuration.HeadLength);
        writer.Set(keys.ValueLength, (uint)configuration.HeadLength);
        writer.Set(keys.Epsilon, configuration.RmsNormEpsilon);
        writer.Set(keys.RopeDimensionCount, (uint)configuration.RopeDimensionCount);
        writer.Set(keys.RopeTheta, configuration.RopeTheta);
        writer.Set(keys.VocabularySize, (uint)configuration.VocabularySize);
        WriteScaling(configuration.RopeScaling, keys, writer);
        WriteWindow(configuration, keys, writer);
        WriteCap(keys.AttentionSoftCap, configuration.AttentionSoftCap, configuration.Architecture.AttentionSoftCapDefault, writer);
        WriteCap(keys.LogitSoftCap, configuration.LogitSoftCap, configuration.Architecture.LogitSoftCapDefault, writer);
        WriteExperts(configuration, keys, writer);
    }

    private static void WriteScaling(RotaryScaling scaling, ConfigurationKeys keys, GgufWriter writer)
    {
        if (scaling.Kind != RotaryScalingKind.None)
        {
            writer.Set(keys.RopeScalingKind, scaling.Kind switch
            {
                RotaryScalingKind.Linear => "linear",
                RotaryScalingKind.Yarn => "yarn",
                _ => "longrope",
            });
            writer.Set(keys.RopeScalingFactor, scaling.Factor);
        }

        if (scaling.AttentionFactor != 1)
        {
            writer.Set(keys.RopeAttentionFactor, scaling.AttentionFactor);
        }

        if (scaling.OriginalContextLength > 0)
        {
            writer.Set(keys.RopeOriginalContextLength, (uint)scaling.OriginalContextLength);
        }

        if (scaling.Kind == RotaryScalingKind.Yarn)
        {
            writer.Set(keys.RopeBetaFast, scaling.BetaFast);
            writer.Set(keys.RopeBetaSlow, scaling.BetaSlow);
        }
    }

    private static void WriteWindow(ModelConfiguration configuration, ConfigurationKeys keys, GgufWriter writer)
    {
        if (configuration.SlidingWindow > 0 || configuration.Architecture.WindowDefault > 0)
        {
            writer.Set(keys.SlidingWindow, (uint)configuration.SlidingWindow);
            writer.Set(keys.SlidingWindowPattern, (uint)configuration.SlidingWindowPeriod);
        }

        if (configuration.LocalRopeTheta is { } theta)
        {
            writer.Set(keys.LocalRopeTheta, theta);
        }
    }

    private static void WriteCap(string key, float value, float valueDefault, GgufWriter writer)
    {
        if (value != valueDefault || value != 0)
        {
            writer.Set(key, value);
        }
    }

    private static void WriteExperts(ModelConfiguration configuration, ConfigurationKeys keys, GgufWriter writer)
    {
        if (configuration.Experts is not { } experts)
        {
            return;
        }

        writer.Set(keys.ExpertCount, (uint)experts.Count);
        writer.Set(keys.ExpertUsedCount, (uint)experts.UsedCount);
        writer.Set(keys.ExpertFeedForwardLength, (uint)experts.FeedForwardLength);
        if (experts.SharedFeedForwardLength > 0)
        {
            writer.Set(keys.SharedExpertFeedForwardLength, (uint)experts.SharedFeedForwardLength);
        }

        if (experts.NormalizesWeights != configuration.Architecture.NormalizesExpertWeights)
        {
            writer.Set(keys.ExpertWeightsNorm, experts.NormalizesWeights);
        }

        if (experts.WeightScale != 1)
        {
            writer.Set(keys.ExpertWeightsScale, experts.WeightScale);
        }
    }
}
