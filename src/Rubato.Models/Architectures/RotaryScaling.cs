namespace Rubato.Models.Architectures;

/// <summary>How rotary positions are stretched to contexts longer than those of the training.</summary>
public sealed record RotaryScaling
{
    /// <summary>No stretching.</summary>
    public static RotaryScaling None { get; } = new();

    /// <summary>The method.</summary>
    public RotaryScalingKind Kind { get; init; }

    /// <summary>By how much positions are divided; above 0.</summary>
    public float Factor { get; init; } = 1;

    /// <summary>Multiplies what has turned, on top of what the method says; above 0.</summary>
    public float AttentionFactor { get; init; } = 1;

    /// <summary>Context length in tokens before stretching; 0 where the method needs none.</summary>
    public int OriginalContextLength { get; init; }

    /// <summary>YaRN: pairs that turn more often than this over the original context keep their frequency.</summary>
    public float BetaFast { get; init; } = 32;

    /// <summary>YaRN: pairs that turn less often than this over the original context are divided by the whole factor.</summary>
    public float BetaSlow { get; init; } = 1;

    /// <summary>Every rule that the values break.</summary>
    internal IEnumerable<string> Problems()
    {
        foreach (var (name, value) in new[]
        {
            ("factor", Factor), ("attention factor", AttentionFactor), ("beta fast", BetaFast), ("beta slow", BetaSlow),
        })
        {
            if (!(value > 0 && float.IsFinite(value)))
            {
                yield return $"the {name} of the rotary scaling is {value}; it must be finite and above 0";
            }
        }

        if (Kind == RotaryScalingKind.Yarn && BetaFast < BetaSlow)
        {
            yield return $"the rotary scaling has beta fast {BetaFast} below beta slow {BetaSlow}";
        }

        if (Kind is RotaryScalingKind.Yarn or RotaryScalingKind.LongRope && OriginalContextLength < 1)
        {
            yield return $"the original context length of the rotary scaling is {OriginalContextLength}; it must be at least 1";
        }
    }
}

/// <summary>A method to stretch rotary positions.</summary>
public enum RotaryScalingKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>All positions are divided by the factor. Source: Chen et al., "Extending Context Window of LLMs via Positional Interpolation", 2023.</summary>
    Linear,

    /// <summary>Slow pairs are divided by the factor, fast ones not. Source: Peng et al., "YaRN: Efficient Context Window Extension", 2023.</summary>
    Yarn,

    /// <summary>Frequencies are divided by factors in the file. Source: Ding et al., "LongRoPE", 2024.</summary>
    LongRope,
}

/// <summary>Which tensors of factors of the rotary frequencies a file holds.</summary>
public enum RotaryFactors
{
    /// <summary>None.</summary>
    None,

    /// <summary>One, for all contexts.</summary>
    Frequencies,

    /// <summary>Two: one where the model's context length exceeds the original one, one where it does not.</summary>
    ShortAndLong,
}
