using System.Collections.Immutable;

namespace Rubato.Serving;

/// <summary>What a client asks for: one prompt to be continued.</summary>
public sealed record Request
{
    /// <summary>Unique identity.</summary>
    public required RequestId Id { get; init; }

    /// <summary>Who asks: the outer unit of fairness. Empty for an unnamed client.</summary>
    public string Client { get; init; } = "";

    /// <summary>Who of the client asks: fairness among the users of one client. Empty when the client does not say.</summary>
    public string User { get; init; } = "";

    /// <summary>Lower is served earlier, under policies that look at it; 0 when nothing is asked for.</summary>
    public int Priority { get; init; }

    /// <summary>Token ids of the prompt, special tokens included; at least one.</summary>
    public required ImmutableArray<int> PromptTokens { get; init; }

    /// <summary>The request ends after this many generated tokens; at least one, or 0 for a request that wants hidden states.</summary>
    public required int OutputTokensMax { get; init; }

    /// <summary>A generated token from this set ends the request.</summary>
    public ImmutableArray<int> StopTokens { get; init; } = [];

    /// <summary>How tokens are drawn.</summary>
    public SamplingParameters Sampling { get; init; } = SamplingParameters.Greedy;

    /// <summary>Whether the model's hidden states are wanted in place of text: the request then ends with its prompt, and has no output.</summary>
    public HiddenStateUse HiddenStates { get; init; }

    /// <summary>
    /// Only requests of the same salt share KV blocks: whoever does not know it cannot find out, by the time that an answer takes, whether a
    /// prompt was asked before.
    /// </summary>
    public string CacheSalt { get; init; } = "";

    /// <summary>What may be generated, for this request alone; null allows everything. Not kept in a journal.</summary>
    public ITokenConstraint? Constraint { get; init; }
}
