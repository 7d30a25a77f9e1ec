using CsCheck;

namespace Rubato.Core.Tests;

public sealed class PercentilesTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 2.5)]
    [InlineData(0.9, 3.7)]
    [InlineData(1, 4)]
    public void Values_between_samples_are_interpolated_linearly(double quantile, double expected) =>
        Assert.Equal(expected, Percentiles.Of(3, 1, 4, 2).At(quantile), 1e-12);

    [Fact]
    public void Percentiles_grow_with_the_quantile_and_stay_within_the_samples() =>
        Gen.Select(Gen.Double[-1e6, 1e6].Array[1, 50], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((samples, p, q) =>
        {
            var percentiles = Percentiles.Of(samples);
            var (low, high) = (percentiles.At(Math.Min(p, q)), percentiles.At(Math.Max(p, q)));
            Assert.True(low <= high + 1e-9);
            Assert.InRange(low, samples.Min(), samples.Max());
            var ranked = samples.Order().ToArray();
            Assert.InRange(percentiles.At(0.5), ranked[(samples.Length - 1) / 2], ranked[samples.Length / 2]);
        });

    [Fact]
    public void A_summary_has_the_figures_of_its_samples()
    {
        var summary = Percentiles.Of([.. Enumerable.Range(0, 101).Select(i => (double)i)]).Summarize();
        Assert.Equal(new DistributionSummary(101, 50, 50, 95, 99, 100), summary);
    }

    [Fact]
    public void Without_samples_there_is_no_figure()
    {
        Assert.Null(Percentiles.Of().Summarize());
        Assert.Throws<InvalidOperationException>(() => Percentiles.Of().At(0.5));
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Percentiles.Of(1, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Percentiles.Of(1).At(1.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => Percentiles.Of(1).At(double.NaN));
    }
}
