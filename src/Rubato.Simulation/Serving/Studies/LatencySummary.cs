namespace Rubato.Simulation.Serving.Studies;

/// <summary>A distribution of times, in seconds, by nearest rank: every figure is a sample.</summary>
/// <param name="Count">Samples. A quantile is only worth its name where some samples lie above it: 1,000 for the last one.</param>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="P50">Median.</param>
/// <param name="P95">Quantile 0.95.</param>
/// <param name="P99">Quantile 0.99.</param>
/// <param name="P999">Quantile 0.999.</param>
/// <param name="Max">The largest.</param>
public sealed record LatencySummary(long Count, double Mean, double P50, double P95, double P99, double P999, double Max)
{
    /// <summary>Sorts the samples and reads the figures; null when there are none.</summary>
    internal static LatencySummary? Of(List<double> samples)
    {
        if (samples.Count == 0)
        {
            return null;
        }

        samples.Sort();
        return new(samples.Count, samples.Average(), At(0.5), At(0.95), At(0.99), At(0.999), samples[^1]);

        double At(double quantile) => samples[NearestRank(quantile, samples.Count) - 1];
    }

    /// <summary>⌈quantile · count⌉, at least 1.</summary>
    internal static int NearestRank(double quantile, int count) => Math.Max(1, (int)Math.Ceiling(quantile * count - 1e-9));
}
