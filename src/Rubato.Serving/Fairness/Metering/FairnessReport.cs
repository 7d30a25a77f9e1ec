using System.Collections.Immutable;

namespace Rubato.Serving.Fairness.Metering;

/// <summary>How fairly clients were served.</summary>
public sealed record FairnessReport
{
    /// <summary>
    /// The largest difference in service (over the weights, in service units) that two clients received over any interval in which both had
    /// requests waiting all the time; 0 when there was no such interval.
    /// </summary>
    public required double MaxServiceGap { get; init; }

    /// <summary>Whether more clients waited at once than are watched in pairs: the largest gap may then be larger than the one reported.</summary>
    public required bool SomePairsMissed { get; init; }

    /// <summary>Jain's index of the service over the weights: 1 when all are equal, 1/n when one of n has all; null without service.</summary>
    public required double? Jain { get; init; }

    /// <summary>The 99th percentile of the time to the first token, in seconds, of the client for which it is largest; null without samples.</summary>
    public required double? WorstClientP99TimeToFirstToken { get; init; }

    /// <summary>The same of the median client (nearest rank).</summary>
    public required double? MedianClientP99TimeToFirstToken { get; init; }

    /// <summary>The 99th percentile of the time between tokens, in seconds, of the client for which it is largest; null without samples.</summary>
    public required double? WorstClientP99TimeBetweenTokens { get; init; }

    /// <summary>The same of the median client (nearest rank).</summary>
    public required double? MedianClientP99TimeBetweenTokens { get; init; }

    /// <summary>Worst client over median client, times to the first token; null without samples.</summary>
    public double? WorstOverMedian => WorstClientP99TimeToFirstToken / MedianClientP99TimeToFirstToken;

    /// <summary>The clients that are remembered, by name.</summary>
    public required ImmutableArray<ClientFairness> Clients { get; init; }

    /// <summary>The gap over time, at most 512 points; intervals in which nobody that waited was served are left out.</summary>
    public required ImmutableArray<ServiceGapPoint> Curve { get; init; }
}
