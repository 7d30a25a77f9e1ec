using System.Numerics;

namespace Rubato.Core;

/// <summary>A histogram of non-negative whole numbers (nanoseconds, bytes) with a bounded relative error over the whole range.</summary>
/// <remarks>
/// Values below 2^bits have a bucket each; above, every power of two is cut into 2^bits equal buckets, so a reported value differs
/// from the recorded one by at most 2^−(bits+1) of it: 0.4 % with the default of 7 bits, and at most 7,424 counts in memory.
/// Idea: HdrHistogram (Tene). Not thread-safe.
/// </remarks>
public sealed class LogHistogram
{
    private readonly int _bits;
    private long[] _counts = [];

    /// <summary>Makes an empty histogram.</summary>
    /// <param name="precisionBits">Range 1…14.</param>
    public LogHistogram(int precisionBits = 7)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(precisionBits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precisionBits, 14);
        _bits = precisionBits;
    }

    /// <summary>How many values were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Their exact sum.</summary>
    public Int128 Sum { get; private set; }

    /// <summary>The smallest value, exact; 0 when empty.</summary>
    public long Min { get; private set; }

    /// <summary>The largest value, exact; 0 when empty.</summary>
    public long Max { get; private set; }

    /// <summary>The largest relative error of a reported value.</summary>
    public double RelativeErrorMax => 1.0 / (1L << (_bits + 1));

    /// <summary>Records <paramref name="value"/>, <paramref name="count"/> times.</summary>
    public void Record(long value, long count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var bucket = BucketOf(value);
        Reserve(bucket + 1);
        _counts[bucket] += count;
        Min = Count == 0 ? value : Math.Min(Min, value);
        Max = Math.Max(Max, value);
        Sum += (Int128)value * count;
        Count += count;
    }

    /// <summary>Adds everything that <paramref name="other"/> has recorded.</summary>
    /// <exception cref="ArgumentException">The other has another precision.</exception>
    public void Merge(LogHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._bits != _bits)
        {
            throw new ArgumentException($"A histogram of {other._bits} bits does not merge into one of {_bits}.", nameof(other));
        }

        if (other.Count == 0)
        {
            return;
        }

        Reserve(other._counts.Length);
        for (var bucket = 0; bucket < other._counts.Length; bucket++)
        {
            _counts[bucket] += other._counts[bucket];
        }

        Min = Count == 0 ? other.Min : Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        Sum += other.Sum;
        Count += other.Count;
    }

    /// <summary>The smallest value such that a share of at least <paramref name="quantile"/> of the records is not above it.</summary>
    /// <param name="quantile">In [0, 1].</param>
    /// <returns>Within the relative error; 0 when empty; exact for 0 and 1.</returns>
    public long ValueAt(double quantile)
    {
        if (!(quantile is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(quantile), quantile, "A quantile lies in [0, 1].");
        }

        var rank = Math.Clamp((long)Math.Ceiling(quantile * Count), 1, Math.Max(1, Count));
        if (rank == 1 || rank == Count)
        {
            return rank == 1 ? Min : Max;
        }

        var bucket = 0;
        for (var seen = _counts[0]; seen < rank; seen += _counts[bucket])
        {
            bucket++;
        }

        var (low, high) = BoundsOf(bucket);
        return Math.Clamp(low + (high - low) / 2, Min, Max);
    }

    /// <summary>How many records lie in buckets that end at or below <paramref name="value"/>.</summary>
    /// <returns>Exact up to the relative error of the bound.</returns>
    public long CountAtMost(long value)
    {
        if (value >= Max)
        {
            return Count;
        }

        var count = 0L;
        for (var bucket = 0; bucket < _counts.Length && BoundsOf(bucket).High <= value; bucket++)
        {
            count += _counts[bucket];
        }

        return count;
    }

    private int BucketOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - _bits);
        return (shift << _bits) + (int)(value >> shift);
    }

    private (long Low, long High) BoundsOf(int bucket)
    {
        var shift = Math.Max(0, (bucket >> _bits) - 1);
        var low = (long)(bucket - (shift << _bits)) << shift;
        return (low, low + ((1L << shift) - 1));
    }

    private void Reserve(int buckets)
    {
        if (_counts.Length < buckets)
        {
            Array.Resize(ref _counts, buckets);
        }
    }
}
