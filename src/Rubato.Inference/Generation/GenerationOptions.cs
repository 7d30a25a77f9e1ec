using Rubato.Kernels.Attention;
using Rubato.Serving;

namespace Rubato.Inference.Generation;

/// <summary>How one text is generated in-process.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to generate; null: until the context is full. At least 0.</summary>
    public int? OutputTokensMax { get; init; }

    /// <summary>How tokens are drawn.</summary>
    public SamplingParameters Sampling { get; init; } = SamplingParameters.Greedy;

    /// <summary>What may be generated, for this text alone; null allows everything.</summary>
    public ITokenConstraint? Constraint { get; init; }

    /// <summary>Prompt tokens fed in one pass, at least 1. Has no influence on the result.</summary>
    public int PrefillChunk { get; init; } = 512;

    /// <summary>How keys and values are kept.</summary>
    public KvFormat KeyValues { get; init; } = KvFormat.F32;

    /// <summary>Recognise special tokens spelled in the prompt, as chat templates need. Off for text from strangers.</summary>
    public bool ParseSpecial { get; init; }
}
