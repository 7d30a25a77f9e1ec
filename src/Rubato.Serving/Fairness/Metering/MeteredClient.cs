using Rubato.Core;

namespace Rubato.Serving.Fairness.Metering;

/// <summary>What was measured of one client.</summary>
internal sealed class MeteredClient(string name, double weight) : Member(name)
{
    private const double MicrosecondsPerSecond = 1e6;

    public double Weight => weight;

    /// <summary>Service units received, over the weight.</summary>
    public double Service { get; set; }

    /// <summary>Its place among those whose pairs are watched; −1 when it is not watched.</summary>
    public int Place { get; set; } = -1;

    // In microseconds.
    public LogHistogram TimesToFirstToken { get; } = new();

    public LogHistogram TimesBetweenTokens { get; } = new();

    public ClientFairness Report() => new()
    {
        Client = Name,
        Service = Service * weight,
        FirstTokens = TimesToFirstToken.Count,
        P99TimeToFirstToken = P99(TimesToFirstToken),
        P99TimeBetweenTokens = P99(TimesBetweenTokens),
    };

    private static double? P99(LogHistogram times) => times.Count == 0 ? null : times.ValueAt(0.99) / MicrosecondsPerSecond;
}
