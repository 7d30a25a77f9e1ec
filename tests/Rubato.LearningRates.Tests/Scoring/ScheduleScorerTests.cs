using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Schedules;
using Rubato.LearningRates.Scoring;

namespace Rubato.LearningRates.Tests.Scoring;

public sealed class ScheduleScorerTests
{
    [Theory]
    [InlineData("constant", 2.485433064)]
    [InlineData("linear", 2.036084162)]
    [InlineData("rex", 2.061291331)]
    [InlineData("cosine(index=mid)", 2.098106633)]
    [InlineData("rex(beta=0.9)", 2.221786430)]
    [InlineData("step(50-75)", 2.555242709)]
    [InlineData("delayed-linear(25%)", 2.042337826)]
    [InlineData("inverse-sqrt", 2.253135895)]
    public void Bounds_at_a_hundred_updates(string schedule, double expected) =>
        Assert.Equal(expected, Score(schedule, 100).BoundTimesSqrtT, 1e-9);

    [Theory]
    [InlineData("constant", 0.402344370)]
    [InlineData("linear", 0.972552145)]
    [InlineData("rex", 0.784125041)]
    public void Best_rates_at_a_hundred_updates(string schedule, double expected) =>
        Assert.Equal(expected, Score(schedule, 100).BestRate * Math.Sqrt(100), 1e-9);

    [Fact]
    public void Closed_forms_of_constant_and_linear() =>
        Gen.Int[2, 3000].Sample(steps =>
        {
            var harmonic = Enumerable.Range(1, steps - 1).Sum(k => 1.0 / k);
            Assert.Equal(Math.Sqrt((1 + harmonic) / steps), Score("constant", steps).Bound, 1e-12);
            Assert.Equal(2 * Math.Sqrt((steps - 0.5 + harmonic) / ((double)steps * (steps + 1))), Score("linear", steps).Bound, 1e-12);
        });

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void Linear_before_rex_before_cosine_before_constant(int steps)
    {
        var bounds = new[] { "linear", "rex", "cosine", "constant" }.Select(schedule => Score(schedule, steps).Bound).ToArray();
        Assert.Equal(bounds.Order(), bounds);
        Assert.Equal(4, bounds.Distinct().Count());
    }

    [Fact]
    public void Neither_the_peak_nor_updates_that_do_not_move_change_the_bound() =>
        Gen.Select(Gen.Double[0.01, 1].Array[1, 100], Gen.Double[0.1, 10], Gen.Int[0, 5]).Sample((rates, peak, zeros) =>
        {
            var score = ScheduleScorer.Score(rates);
            var scaled = ScheduleScorer.Score([.. rates.Select(rate => peak * rate), .. new double[zeros]]);
            Assert.Equal(score.Bound, scaled.Bound, 1e-12);
            Assert.Equal(score.BestRate, scaled.BestRate * peak, 1e-9);
        });

    [Fact]
    public void Bound_and_rate_scale_with_distance_and_norms() =>
        Gen.Select(Gen.Double[0.01, 1].Array[1, 50], Gen.Double[0.1, 10], Gen.Double[0.1, 10]).Sample((rates, distance, norm) =>
        {
            var unit = ScheduleScorer.Score(rates);
            var score = ScheduleScorer.Score(rates, [norm, norm], distance);
            Assert.Equal(unit.Bound * distance * norm, score.Bound, 1e-9);
            Assert.Equal(unit.BestRate * distance / norm, score.BestRate, 1e-9 * score.BestRate + 1e-12);
        });

    [Fact]
    public void Schedules_without_a_bound_are_refused()
    {
        Assert.Throws<InvalidOptionException>(() => ScheduleScorer.Score([0, 0]));
        Assert.Throws<InvalidOptionException>(() => ScheduleScorer.Score([]));
        Assert.Throws<InvalidOptionException>(() => ScheduleScorer.Score([1, double.NaN]));
        Assert.Throws<InvalidOptionException>(() => ScheduleScorer.Score([1], [double.NaN]));
        Assert.Throws<InvalidOptionException>(() => ScheduleScorer.Score([1], [0.0]));
        Assert.Throws<InvalidOptionException>(() => ScheduleScorer.Score([1], [], -1));
    }

    private static ScheduleScore Score(string schedule, int steps) => ScheduleScorer.Score(Schedule.Parse(schedule).Bind(steps).Curve());
}
