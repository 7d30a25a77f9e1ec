using Rubato.Core;

namespace Rubato.Simulation.Serving;

/// <summary>A request that comes at its time, whatever became of earlier ones.</summary>
/// <param name="At">When.</param>
/// <param name="Client">Whose.</param>
/// <param name="InputTokens">Length of the prompt; at least 1.</param>
/// <param name="OutputTokens">Length of the answer; at least 1.</param>
/// <param name="Tokens">What its tokens are; null: nobody else has them.</param>
internal sealed record TimedRequest(Instant At, string Client, int InputTokens, int OutputTokens, ITokenSource? Tokens = null);
