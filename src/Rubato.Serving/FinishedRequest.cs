namespace Rubato.Serving;

/// <summary>A request that left the scheduler; its blocks are free again.</summary>
/// <param name="Id">Which request.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="OutputTokens">How many tokens it generated.</param>
public sealed record FinishedRequest(RequestId Id, FinishReason Reason, int OutputTokens);
