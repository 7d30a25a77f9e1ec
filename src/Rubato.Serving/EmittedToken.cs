namespace Rubato.Serving;

/// <summary>One generated token that goes to the client. Each is emitted once, in order of <paramref name="Index"/>.</summary>
/// <param name="Request">Whose token.</param>
/// <param name="Index">Number of the token within the output, from 0.</param>
/// <param name="Token">Token id.</param>
/// <param name="LogProbabilities">When the request asked for them.</param>
public sealed record EmittedToken(RequestId Request, int Index, int Token, TokenLogProbabilities? LogProbabilities);
