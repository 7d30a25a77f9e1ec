using CsCheck;

namespace Rubato.Core.Tests;

public sealed class StreamingStatisticsTests
{
    [Fact]
    public void The_figures_are_those_of_the_definition_also_after_merging() =>
        Gen.Select(Gen.Double[-1e3, 1e3].Array[0, 40], Gen.Double[-1e3, 1e3].Array[1, 40]).Sample((left, right) =>
        {
            var merged = Of(left);
            merged.Merge(Of(right));
            double[] all = [.. left, .. right];
            foreach (var statistics in new[] { merged, Of(all) })
            {
                Assert.Equal(all.Length, statistics.Count);
                Assert.Equal(all.Min(), statistics.Min);
                Assert.Equal(all.Max(), statistics.Max);
                Assert.Equal(all.Average(), statistics.Mean, 1e-9);
                var squares = all.Sum(value => (value - all.Average()) * (value - all.Average()));
                Assert.Equal(squares / all.Length, statistics.PopulationVariance, 1e-6);
                Assert.Equal(all.Length > 1 ? squares / (all.Length - 1) : 0, statistics.SampleVariance, 1e-6);
            }
        });

    [Fact]
    public void A_large_offset_does_not_cancel_the_variance()
    {
        var statistics = Of([.. Enumerable.Range(0, 1000).Select(i => 1e9 + i % 2)]);
        Assert.Equal(0.25, statistics.PopulationVariance, 1e-6);
    }

    [Fact]
    public void Nothing_has_no_spread_and_what_is_not_finite_is_refused()
    {
        var statistics = new StreamingStatistics();
        statistics.Merge(new());
        Assert.Equal((0L, 0.0, 0.0, 0.0), (statistics.Count, statistics.Mean, statistics.PopulationVariance, statistics.SampleDeviation));
        Assert.Throws<ArgumentException>(() => statistics.Add(double.NaN));
        Assert.Throws<ArgumentException>(() => statistics.Add(double.PositiveInfinity));
    }

    private static StreamingStatistics Of(double[] values)
    {
        var statistics = new StreamingStatistics();
        foreach (var value in values)
        {
            statistics.Add(value);
        }

        return statistics;
    }
}
