namespace Rubato.Core;

/// <summary>A distribution in six figures, in the unit of its samples.</summary>
/// <param name="Count">How many samples.</param>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="P50">Median.</param>
/// <param name="P95">Quantile 0.95.</param>
/// <param name="P99">Quantile 0.99.</param>
/// <param name="Max">The largest.</param>
public sealed record DistributionSummary(long Count, double Mean, double P50, double P95, double P99, double Max);
