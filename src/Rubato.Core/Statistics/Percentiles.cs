namespace Rubato.Core;

/// <summary>Exact percentiles over a set of samples.</summary>
/// <remarks>
/// Between the two nearest samples the value is interpolated linearly: with n samples sorted as x₀ … xₙ₋₁ the quantile q is
/// x at index q·(n − 1) (type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", 1996). Of 1, 2, 3, 4 the median is
/// 2.5 and the quantile 0.9 is 3.7.
/// </remarks>
public sealed class Percentiles
{
    private readonly double[] _sorted;

    private Percentiles(double[] sorted) => _sorted = sorted;

    /// <summary>How many samples there are.</summary>
    public int Count => _sorted.Length;

    /// <summary>Sorts a copy of <paramref name="samples"/>.</summary>
    /// <exception cref="ArgumentException">A sample is not a number.</exception>
    public static Percentiles Of(params ReadOnlySpan<double> samples)
    {
        var sorted = samples.ToArray();
        Array.Sort(sorted);

        // NaN sorts before everything else.
        return sorted.Length == 0 || !double.IsNaN(sorted[0])
            ? new(sorted)
            : throw new ArgumentException("A sample is not a number.", nameof(samples));
    }

    /// <summary>The value below which a share <paramref name="quantile"/> of the samples lies.</summary>
    /// <param name="quantile">In [0, 1]: 0 gives the smallest sample, 1 the largest.</param>
    /// <exception cref="InvalidOperationException">There is no sample.</exception>
    public double At(double quantile)
    {
        if (!(quantile is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(quantile), quantile, "A quantile lies in [0, 1].");
        }

        if (Count == 0)
        {
            throw new InvalidOperationException("There is no sample.");
        }

        var position = quantile * (Count - 1);
        var below = (int)Math.Floor(position);
        var above = Math.Min(below + 1, Count - 1);
        var weight = position - below;
        return weight == 0 ? _sorted[below] : _sorted[below] * (1 - weight) + _sorted[above] * weight;
    }

    /// <summary>The figures that reports show; null without samples.</summary>
    public DistributionSummary? Summarize() => Count == 0 ? null : new(Count, Mean(), At(0.5), At(0.95), At(0.99), At(1));

    private double Mean()
    {
        var statistics = new StreamingStatistics();
        foreach (var sample in _sorted)
        {
            statistics.Add(sample);
        }

        return statistics.Mean;
    }
}
