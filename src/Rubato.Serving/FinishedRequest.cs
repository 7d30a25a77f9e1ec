namespace Rubato.Serving;

/// <summary>A request that left the scheduler; it holds no block any more.</summary>
/// <param name="Id">Which request.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="OutputTokens">How many tokens it generated.</param>
public sealed record FinishedRequest(RequestId Id, FinishReason Reason, int OutputTokens)
{
    /// <summary>Tokens of its prompt whose keys and values came from the prefix cache.</summary>
    public int CachedTokens { get; init; }
}
