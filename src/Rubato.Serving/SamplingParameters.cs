using System.Collections.Immutable;

namespace Rubato.Serving;

/// <summary>How the next token is drawn from the logits. Drawing depends on seed, position and the sequence's own tokens, never on the batch.</summary>
/// <remarks>
/// In this order: <see cref="LogitBias"/>; <see cref="RepetitionPenalty"/>, <see cref="FrequencyPenalty"/> and
/// <see cref="PresencePenalty"/>; <see cref="Temperature"/>; <see cref="TopK"/>; <see cref="TypicalP"/>; <see cref="TopP"/>;
/// <see cref="MinP"/>. Each of the last four looks at the probabilities that those before it left, scaled to add up to 1.
/// </remarks>
public sealed record SamplingParameters
{
    /// <summary>Greedy decoding.</summary>
    public static SamplingParameters Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Divides the logits; 0 means greedy (the smallest index among equal logits, after bias and penalties). Range 0…100.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keep only this many of the most likely tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the smallest set of most likely tokens whose probability reaches this, in (0, 1]; 1 keeps all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keep the tokens at least this many times as likely as the likeliest that is left. Range 0…1; 0 keeps all.</summary>
    public double MinP { get; init; }

    /// <summary>
    /// Keep the smallest set of tokens that reaches this probability, those first whose surprise −ln p is nearest to the entropy. In
    /// (0, 1]; 1 keeps all. Source: Meister et al., "Locally Typical Sampling", TACL 2023.
    /// </summary>
    public double TypicalP { get; init; } = 1;

    /// <summary>
    /// Divides positive logits and multiplies others, once for each token of prompt and output: above 1 discourages repetition. Range
    /// 0.01…100; 1 changes nothing. Source: Keskar et al., "CTRL", 2019.
    /// </summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted from the logit of each token of the output. Range −2…2; 0 changes nothing.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Subtracted from the logit of each token of the output as often as it occurs there. Range −2…2; 0 changes nothing.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of single tokens; each token at most once.</summary>
    public ImmutableArray<TokenBias> LogitBias { get; init; } = [];

    /// <summary>Seed of the request; the draw at position p uses Prng.Mix(Seed, p).</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Report the log-probability of the chosen token and of this many most likely ones, by the model's own logits, before bias and
    /// penalties; null reports none. Range 0…20.
    /// </summary>
    public int? LogProbabilityCount { get; init; }

    /// <summary>Whether drawing looks at the tokens before: whether a penalty is on.</summary>
    public bool NeedsHistory => RepetitionPenalty != 1 || PresencePenalty != 0 || FrequencyPenalty != 0;

    /// <summary>Whether every number is finite, as a journal needs.</summary>
    internal bool IsFinite =>
        double.IsFinite(Temperature) && double.IsFinite(TopP) && double.IsFinite(MinP) && double.IsFinite(TypicalP)
        && double.IsFinite(RepetitionPenalty) && double.IsFinite(PresencePenalty) && double.IsFinite(FrequencyPenalty)
        && (LogitBias.IsDefault || LogitBias.All(bias => double.IsFinite(bias.Bias)));
}
