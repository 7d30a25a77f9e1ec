using Rubato.Core;

namespace Rubato.Serving;

/// <summary>What policies may know of an admitted request. Read-only; valid during the call that hands it out.</summary>
public interface IScheduledSequence
{
    /// <summary>Which request.</summary>
    RequestId Id { get; }

    /// <summary>The client that it is served for.</summary>
    string Client { get; }

    /// <summary>Number of the admission, from 0, without gaps: smaller arrived earlier.</summary>
    long ArrivalNumber { get; }

    /// <summary>When it was admitted.</summary>
    Instant AdmittedAt { get; }

    /// <summary>Tokens of the prompt.</summary>
    int PromptTokens { get; }

    /// <summary>Tokens generated so far.</summary>
    int OutputTokens { get; }

    /// <summary>Tokens whose keys and values are in the KV blocks.</summary>
    int ComputedTokens { get; }

    /// <summary>KV blocks held.</summary>
    int BlocksHeld { get; }
}
