using Rubato.Serving;

namespace Rubato.Inference.Generation;

/// <summary>One generated token.</summary>
/// <param name="Token">Token id.</param>
/// <param name="Text">
/// The text that became complete with this token; empty while a character is still missing bytes, and for special tokens.
/// </param>
/// <param name="Finish">Why the text ends here; null when it goes on.</param>
/// <param name="LogProbabilities">What the sampling parameters asked for, or null.</param>
public sealed record GeneratedToken(int Token, string Text, FinishReason? Finish, TokenLogProbabilities? LogProbabilities);
