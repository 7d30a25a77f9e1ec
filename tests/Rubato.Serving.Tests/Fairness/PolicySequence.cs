using Rubato.Core;
using Rubato.Serving.Fairness;

namespace Rubato.Serving.Tests.Fairness;

/// <summary>A sequence as policies see it, set by hand.</summary>
internal sealed class PolicySequence(long number) : IScheduledSequence
{
    public RequestId Id => new(number);

    public string Client { get; init; } = "";

    public string User { get; init; } = "";

    public int Priority { get; init; }

    public long ArrivalNumber => number;

    public Instant AdmittedAt { get; init; }

    public int PromptTokens { get; init; } = 1;

    public int OutputTokensMax { get; init; } = 1;

    public int OutputTokens { get; set; }

    public int ComputedTokens { get; set; }

    public int BlocksHeld { get; set; }

    public int BlocksWanted { get; set; }

    public bool IsResident { get; set; }

    public int MatchedTokens { get; set; }

    public int TokensSinceResumed { get; set; }

    public Instant? FirstTokenAt { get; set; }

    public Instant? LastTokenAt { get; set; }

    /// <summary>The step of the server that it was taken for last.</summary>
    public long TakenFor { get; set; } = -1;

    public PolicyNotes Notes { get; } = new();

    public override string ToString() => $"{Client}/{User}#{number}";
}
