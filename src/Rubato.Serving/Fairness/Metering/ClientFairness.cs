namespace Rubato.Serving.Fairness.Metering;

/// <summary>How one client was served.</summary>
public sealed record ClientFairness
{
    /// <summary>Its name.</summary>
    public required string Client { get; init; }

    /// <summary>Service units that it received: prompt tokens and generated tokens by their weights.</summary>
    public required double Service { get; init; }

    /// <summary>Its requests that got a first token: the number of samples of <see cref="P99TimeToFirstToken"/>.</summary>
    public required long FirstTokens { get; init; }

    /// <summary>Seconds, nearest rank, within 0.4 %; null without samples.</summary>
    public required double? P99TimeToFirstToken { get; init; }

    /// <summary>Seconds, nearest rank, within 0.4 %; null without samples.</summary>
    public required double? P99TimeBetweenTokens { get; init; }
}
