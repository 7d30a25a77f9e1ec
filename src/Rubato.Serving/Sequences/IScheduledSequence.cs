using Rubato.Core;
using Rubato.Serving.Fairness;

namespace Rubato.Serving;

/// <summary>What policies may know of an admitted request. Read-only but for the notes; valid during the call that hands it out.</summary>
public interface IScheduledSequence
{
    /// <summary>Which request.</summary>
    RequestId Id { get; }

    /// <summary>The client that it is served for: the outer unit of fairness, such as an API key.</summary>
    string Client { get; }

    /// <summary>Who of that client asks: the inner unit of fairness. Empty when the client does not say.</summary>
    string User { get; }

    /// <summary>What the request asks for: lower is served earlier, by policies that look at it.</summary>
    int Priority { get; }

    /// <summary>Number of the admission, from 0, without gaps: smaller arrived earlier.</summary>
    long ArrivalNumber { get; }

    /// <summary>When it was admitted.</summary>
    Instant AdmittedAt { get; }

    /// <summary>Tokens of the prompt.</summary>
    int PromptTokens { get; }

    /// <summary>The most tokens that it may be given.</summary>
    int OutputTokensMax { get; }

    /// <summary>Tokens generated so far.</summary>
    int OutputTokens { get; }

    /// <summary>Tokens whose keys and values are in the device blocks.</summary>
    int ComputedTokens { get; }

    /// <summary>KV blocks held in the device arena.</summary>
    int BlocksHeld { get; }

    /// <summary>KV blocks that its next step needs in the device arena, shared ones included.</summary>
    int BlocksWanted { get; }

    /// <summary>Whether it holds device blocks, or they are on their way in: it can run without displacing anybody, but for its growth.</summary>
    bool IsResident { get; }

    /// <summary>Known tokens whose keys and values lie in some tier: they will not be computed.</summary>
    int MatchedTokens { get; }

    /// <summary>Tokens generated since it was last brought onto the device.</summary>
    int TokensSinceResumed { get; }

    /// <summary>When its first token was generated; null before.</summary>
    Instant? FirstTokenAt { get; }

    /// <summary>When its latest token was generated; null before the first.</summary>
    Instant? LastTokenAt { get; }

    /// <summary>The policy's notes on it.</summary>
    PolicyNotes Notes { get; }
}
