using System.Collections.Immutable;

namespace Rubato.Simulation.Serving.Traces;

/// <summary>One request of a trace.</summary>
/// <param name="ArrivalSeconds">When, after the first.</param>
/// <param name="Client">Whose; empty where the trace does not say.</param>
/// <param name="InputTokens">Length of the prompt.</param>
/// <param name="OutputTokens">Length of the answer.</param>
public sealed record TraceRow(double ArrivalSeconds, string Client, int InputTokens, int OutputTokens)
{
    /// <summary>Names of the prompt's blocks, where the trace has them: an equal name means an equal beginning up to the end of that block.</summary>
    public ImmutableArray<int> PrefixBlocks { get; init; } = [];
}
