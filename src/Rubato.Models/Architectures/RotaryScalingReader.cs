using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Architectures;

/// <summary>Reads how positions are stretched.</summary>
internal readonly struct RotaryScalingReader(GgufFile file, ConfigurationKeys keys)
{
    /// <param name="context">Context length of the model.</param>
    /// <param name="hasFactors">Whether the file holds factors for short and long contexts: then LongRoPE needs no other mention.</param>
    /// <exception cref="InvalidFormatException">The method is none of those that run.</exception>
    public RotaryScaling Read(int context, bool hasFactors)
    {
        var metadata = file.Metadata;
        var factor = metadata.FindFloat32(keys.RopeScalingFactor) ?? metadata.FindFloat32(keys.RopeLinearScale) ?? 1;
        factor = factor == 0 ? 1 : factor;

        // Files from before the key: a factor without a method is linear.
        var name = metadata.FindString(keys.RopeScalingKind) ?? (hasFactors ? "longrope" : "linear");
        var kind = name switch
        {
            "none" => RotaryScalingKind.None,
            "linear" => factor == 1 ? RotaryScalingKind.None : RotaryScalingKind.Linear,
            "yarn" => RotaryScalingKind.Yarn,
            "longrope" => RotaryScalingKind.LongRope,
            _ => throw new InvalidFormatException(
                $"{file.Name}: {keys.RopeScalingKind} is {Printable.Quote(name)}; methods that work: none, linear, yarn, longrope."),
        };
        var attentionFactor = metadata.FindFloat32(keys.RopeAttentionFactor) ?? 1;
        if (kind is RotaryScalingKind.None or RotaryScalingKind.Linear)
        {
            return new() { Kind = kind, Factor = kind == RotaryScalingKind.None ? 1 : factor, AttentionFactor = attentionFactor };
        }

        var original = metadata.FindInt32(keys.RopeOriginalContextLength) ?? context;
        return kind == RotaryScalingKind.LongRope
            ? new() { Kind = kind, Factor = factor, AttentionFactor = attentionFactor, OriginalContextLength = original }
            : new()
            {
                Kind = kind,
                Factor = factor,
                AttentionFactor = attentionFactor,
                OriginalContextLength = original,
                BetaFast = metadata.FindFloat32(keys.RopeBetaFast) ?? RotaryScaling.None.BetaFast,
                BetaSlow = metadata.FindFloat32(keys.RopeBetaSlow) ?? RotaryScaling.None.BetaSlow,
            };
    }
}
