using System.Collections.Immutable;

namespace Rubato.Serving;

/// <summary>One admitted request at one moment.</summary>
/// <param name="Id">Which request.</param>
/// <param name="Client">The client that it is served for.</param>
/// <param name="ArrivalNumber">Number of the admission; smaller arrived earlier.</param>
/// <param name="Phase">Where in its life it is.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="OutputTokens">Tokens generated so far.</param>
/// <param name="ComputedTokens">Tokens whose keys and values are in the KV blocks.</param>
/// <param name="Blocks">Its block table.</param>
public sealed record SequenceSnapshot(
    RequestId Id,
    string Client,
    long ArrivalNumber,
    SequencePhase Phase,
    int PromptTokens,
    int OutputTokens,
    int ComputedTokens,
    ImmutableArray<BlockId> Blocks);
