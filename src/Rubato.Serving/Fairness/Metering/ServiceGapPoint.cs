using Rubato.Core;

namespace Rubato.Serving.Fairness.Metering;

/// <summary>A point of the curve of unfairness over time.</summary>
/// <param name="At">Where the interval begins that it stands for.</param>
/// <param name="Gap">The largest difference in service, in service units, between two clients that both waited, since both did.</param>
public readonly record struct ServiceGapPoint(Instant At, double Gap);
