namespace Rubato.Core;

/// <summary>Count, mean, variance, minimum and maximum of a stream of numbers, in constant memory and without cancellation.</summary>
/// <remarks>
/// Sources: Welford, "Note on a method for calculating corrected sums of squares and products", 1962; merging after Chan, Golub and
/// LeVeque, 1979. Not thread-safe.
/// </remarks>
public sealed class StreamingStatistics
{
    private double _sumOfSquaredDeviations;

    /// <summary>How many numbers were added.</summary>
    public long Count { get; private set; }

    /// <summary>Arithmetic mean; 0 when empty.</summary>
    public double Mean { get; private set; }

    /// <summary>The smallest number; +∞ when empty.</summary>
    public double Min { get; private set; } = double.PositiveInfinity;

    /// <summary>The largest number; −∞ when empty.</summary>
    public double Max { get; private set; } = double.NegativeInfinity;

    /// <summary>Variance of the numbers taken as the whole population (divided by Count); 0 when empty.</summary>
    public double PopulationVariance => Count > 0 ? _sumOfSquaredDeviations / Count : 0;

    /// <summary>Variance estimated from the numbers as a sample (divided by Count − 1); 0 below two numbers.</summary>
    public double SampleVariance => Count > 1 ? _sumOfSquaredDeviations / (Count - 1) : 0;

    /// <summary>Square root of <see cref="SampleVariance"/>.</summary>
    public double SampleDeviation => Math.Sqrt(SampleVariance);

    /// <summary>Adds one number.</summary>
    /// <exception cref="ArgumentException">It is not finite.</exception>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentException($"{value} is not finite.", nameof(value));
        }

        Count++;
        var before = value - Mean;
        Mean += before / Count;
        _sumOfSquaredDeviations += before * (value - Mean);
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
    }

    /// <summary>Adds everything that <paramref name="other"/> has seen.</summary>
    public void Merge(StreamingStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Count == 0)
        {
            return;
        }

        var count = Count + other.Count;
        var distance = other.Mean - Mean;
        _sumOfSquaredDeviations += other._sumOfSquaredDeviations + distance * distance * ((double)Count * other.Count / count);
        Mean += distance * ((double)other.Count / count);
        Count = count;
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
    }
}
