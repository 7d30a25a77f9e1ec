using System.Collections.Immutable;

namespace Rubato.Simulation.Serving.Traces;

/// <summary>A recorded stream of requests, in order of arrival.</summary>
/// <param name="Format">Which of the known forms the file has.</param>
/// <param name="Rows">The requests.</param>
public sealed record RequestTrace(TraceFormat Format, ImmutableArray<TraceRow> Rows)
{
    /// <summary>Tokens of a prefix block.</summary>
    public const int PrefixBlockTokens = 512;
}

/// <summary>The forms of traces that can be read.</summary>
public enum TraceFormat
{
    /// <summary>CSV: arrival_s,client,input_tokens,output_tokens.</summary>
    Clients,

    /// <summary>CSV of the Azure data set of 2023: TIMESTAMP,ContextTokens,GeneratedTokens.</summary>
    Azure,

    /// <summary>JSON lines of Mooncake: timestamp in milliseconds, input_length, output_length, hash_ids of blocks of 512 tokens.</summary>
    Mooncake,
}
