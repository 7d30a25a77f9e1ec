using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Schedules;

public sealed class RexScheduleTests
{
    [Theory]
    [InlineData(0.5, 1, 0.994974874372)]
    [InlineData(0.5, 10, 0.947368421053)]
    [InlineData(0.5, 25, 0.857142857143)]
    [InlineData(0.5, 50, 0.666666666667)]
    [InlineData(0.5, 75, 0.400000000000)]
    [InlineData(0.5, 90, 0.181818181818)]
    [InlineData(0.5, 99, 0.019801980198)]
    [InlineData(0.9, 10, 0.989010989011)]
    [InlineData(0.9, 50, 0.909090909091)]
    [InlineData(0.9, 90, 0.526315789474)]
    [InlineData(0.9, 99, 0.091743119266)]
    public void Published_vectors(double beta, int percent, double expected) =>
        Assert.Equal(expected, new RexSchedule(beta).At(percent / 100.0), 12);

    [Fact]
    public void Starts_at_the_peak_ends_at_zero_and_never_rises() =>
        Gen.Select(Gen.Double[0, 0.999], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((beta, a, b) =>
        {
            var rex = new RexSchedule(beta);
            Assert.Equal(1, rex.At(0), 12);
            Assert.Equal(0, rex.At(1));
            Assert.True(rex.At(Math.Min(a, b)) >= rex.At(Math.Max(a, b)));
            Assert.True(rex.At(a) >= 1 - a - 1e-12);
        });

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Refuses_a_beta_out_of_range(double beta) =>
        Assert.Contains("beta", Assert.Throws<InvalidOptionException>(() => new RexSchedule(beta)).Message, StringComparison.Ordinal);
}
