using Rubato.Serving;

namespace Rubato.Inference.Sampling;

/// <summary>A token drawn from logits.</summary>
/// <param name="Token">Token id.</param>
/// <param name="LogProbabilities">What the request asked for, or null.</param>
public readonly record struct TokenChoice(int Token, TokenLogProbabilities? LogProbabilities);
