namespace Rubato.Serving;

/// <summary>A number added to the logit of one token.</summary>
/// <param name="Token">Token id; ids outside the vocabulary have no effect.</param>
/// <param name="Bias">Added to the logit. Range −100…100.</param>
public readonly record struct TokenBias(int Token, double Bias);
