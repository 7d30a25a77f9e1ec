namespace Rubato.Serving;

/// <summary>How the next token is drawn from the logits. Drawing depends on seed and position only, never on the batch.</summary>
public sealed record SamplingParameters
{
    /// <summary>Greedy decoding.</summary>
    public static SamplingParameters Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Divides the logits; 0 means greedy (the smallest index among equal logits). Range 0…100.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keep only this many of the most likely tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the smallest set of most likely tokens whose probability reaches this, in (0, 1]; 1 keeps all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Seed of the request; the draw at position p uses Prng.Mix(Seed, p).</summary>
    public ulong Seed { get; init; }

    /// <summary>Report the log-probability of the chosen token and of this many most likely ones; null reports none. Range 0…20.</summary>
    public int? LogProbabilityCount { get; init; }
}
