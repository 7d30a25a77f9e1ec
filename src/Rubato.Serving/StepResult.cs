using System.Collections.Immutable;

namespace Rubato.Serving;

/// <summary>What the forward pass of one <see cref="StepPlan"/> gave: one token per sampling slice, in the order of the slices.</summary>
/// <param name="Tokens">The sampled tokens.</param>
public sealed record StepResult(ImmutableArray<SampledToken> Tokens)
{
    /// <summary>What each slice that wants hidden states gave, in the order of the slices. The scheduler does not look at them.</summary>
    public ImmutableArray<HiddenStates> HiddenStates { get; init; } = [];
}

/// <summary>One sampled token.</summary>
/// <param name="Request">Whose token.</param>
/// <param name="Token">Token id.</param>
/// <param name="EndsRequest">The host found that the request ends here (a stop string); stop tokens and length are the scheduler's.</param>
/// <param name="LogProbabilities">Natural log-probabilities, when the request asked for them.</param>
public readonly record struct SampledToken(RequestId Request, int Token, bool EndsRequest = false, TokenLogProbabilities? LogProbabilities = null)
{
    /// <summary>
    /// Why there is no token, as one clear line for the client; null when there is one. A failed slice sets
    /// <see cref="EndsRequest"/>, so that the scheduler frees its blocks; <see cref="Token"/> is then meaningless.
    /// </summary>
    public string? Failure { get; init; }
}

/// <summary>Log-probabilities (before temperature and truncation) at one position.</summary>
/// <param name="Chosen">Of the sampled token.</param>
/// <param name="Top">The most likely tokens, most likely first.</param>
public sealed record TokenLogProbabilities(double Chosen, ImmutableArray<TokenLogProbability> Top);

/// <summary>One token with its natural log-probability.</summary>
/// <param name="Token">Token id.</param>
/// <param name="LogProbability">At most 0.</param>
public readonly record struct TokenLogProbability(int Token, double LogProbability);
