using CsCheck;

namespace Rubato.Core.Tests;

public sealed class LogHistogramTests
{
    private static readonly Gen<long> Values =
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Int[0, 62]).Select((value, shift) => value >> shift);

    [Fact]
    public void Quantiles_are_those_of_the_sorted_values_within_the_relative_error() =>
        Gen.Select(Gen.Int[1, 14], Values.Array[1, 60], Gen.Double[0, 1]).Sample((bits, values, quantile) =>
        {
            var histogram = Of(bits, values);
            var rank = Math.Clamp((int)Math.Ceiling(quantile * values.Length), 1, values.Length);
            var expected = (double)values.Order().ElementAt(rank - 1);
            var error = histogram.RelativeErrorMax;
            Assert.InRange(histogram.ValueAt(quantile), expected * (1 - error), expected * (1 + error));
            Assert.Equal((values.Min(), values.Max()), (histogram.Min, histogram.Max));
            Assert.Equal(values.Aggregate((Int128)0, (sum, value) => sum + value), histogram.Sum);
        });

    [Fact]
    public void Merging_equals_recording_everything_in_one() =>
        Gen.Select(Values.Array[0, 30], Values.Array[0, 30], Gen.Double[0, 1]).Sample((left, right, quantile) =>
        {
            var merged = Of(7, left);
            merged.Merge(Of(7, right));
            var whole = Of(7, [.. left, .. right]);
            Assert.Equal((whole.Count, whole.Min, whole.Max, whole.Sum), (merged.Count, merged.Min, merged.Max, merged.Sum));
            Assert.Equal(whole.ValueAt(quantile), merged.ValueAt(quantile));
        });

    [Fact]
    public void Cumulative_counts_are_exact_up_to_the_error_of_the_bound() =>
        Gen.Select(Values.Array[1, 40], Values).Sample((values, bound) =>
        {
            var histogram = Of(7, values);
            var count = histogram.CountAtMost(bound);
            Assert.InRange(count, values.LongCount(value => value <= bound - bound / 128 - 1), values.LongCount(value => value <= bound));
        });

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogHistogram(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogHistogram(15));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogHistogram().Record(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogHistogram().ValueAt(double.NaN));
        Assert.Throws<ArgumentException>(() => new LogHistogram(7).Merge(new(8)));
        Assert.Equal(0, new LogHistogram().ValueAt(0.5));
    }

    private static LogHistogram Of(int bits, long[] values)
    {
        var histogram = new LogHistogram(bits);
        foreach (var value in values)
        {
            histogram.Record(value);
        }

        return histogram;
    }
}
