using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Budgets;

public sealed class BudgetClockTests
{
    private static readonly Schedule Rex = Schedule.Parse("rex | warmup(5%)");

    [Fact]
    public void A_run_in_seconds_ends_within_one_update_and_never_exceeds_the_peak() =>
        Gen.Select(Gen.Double[0.5, 20], Gen.Double[0.01, 0.2].Array[20, 60]).Sample((seconds, durations) =>
        {
            var clock = new BudgetClock(new((decimal)seconds, BudgetUnit.Seconds));
            var (elapsed, steps, previous) = (0.0, 0, 0.0);
            var rates = new List<double>();
            for (; !clock.IsSpent(At(steps, elapsed)); steps++)
            {
                var span = clock.Next(At(steps, elapsed));
                Assert.True(span.Begin >= previous);
                previous = span.Begin;
                rates.Add(Rex.At(span));
                elapsed += durations[steps % durations.Length];
            }

            Assert.All(rates, rate => Assert.InRange(rate, 0, 1));
            Assert.InRange(elapsed, seconds - 1e-6, seconds + durations.Max());

            // The log alone repeats the rates, however long the updates take the second time.
            var replay = new ReplayClock(clock.Log);
            Assert.All(rates, rate => Assert.Equal(rate, Rex.At(replay.Next(default))));
        });

    [Fact]
    public void Equal_updates_reach_the_last_share_of_the_budget() =>
        Gen.Select(Gen.Int[1, 500], Gen.Int[1, 50]).Sample((updates, milliseconds) =>
        {
            var budget = new TrainingBudget(updates * milliseconds / 1000m, BudgetUnit.Seconds);
            var clock = new BudgetClock(budget);
            var steps = 0;
            var last = 0.0;
            for (; !clock.IsSpent(Exactly(steps, milliseconds)); steps++)
            {
                last = clock.Next(Exactly(steps, milliseconds)).Begin;
            }

            Assert.Equal(updates, steps);
            Assert.True(last >= 1 - 1.0 / updates - 1e-12);
        });

    [Fact]
    public void A_clock_that_goes_back_stands_still()
    {
        var clock = new BudgetClock(TrainingBudget.Parse("10s"));
        Assert.Equal(0.5, clock.Next(At(5, 5)).Begin, 1e-12);
        Assert.Equal(0.5, clock.Next(At(6, 3)).Begin, 1e-12);
        Assert.Equal(0.7, clock.Next(At(7, 7)).Begin, 1e-12);
    }

    [Fact]
    public void A_budget_in_steps_is_exact()
    {
        var clock = new BudgetClock(TrainingBudget.Parse("100steps"));
        var bound = Rex.Bind(100);
        Assert.All(Enumerable.Range(0, 100), step => Assert.Equal(bound.At(step), Rex.At(clock.Next(At(step, 0)))));
    }

    [Theory]
    [InlineData("10epochs")]
    [InlineData("1000tokens")]
    [InlineData("100samples")]
    [InlineData("50cost")]
    public void Every_unit_is_counted(string budget)
    {
        var clock = new BudgetClock(TrainingBudget.Parse(budget));
        for (var step = 0; step < 100; step++)
        {
            var spent = new TrainingCounters(step, 10 * step, step / 10.0, Duration.Zero, step, step / 2.0);
            Assert.False(clock.IsSpent(spent));
            var span = clock.Next(spent);
            Assert.Equal(step / 100.0, span.Begin, 1e-12);
            Assert.Equal(step == 0 ? 0 : 0.01, span.Length, 1e-12);
        }

        Assert.True(clock.IsSpent(new(100, 1000, 10, Duration.Zero, 100, 50)));
    }

    [Fact]
    public void Another_budget_continues_where_the_run_is()
    {
        var clock = new BudgetClock(TrainingBudget.Parse("100s"));
        Assert.Equal(0.4, clock.Next(At(40, 40)).Begin, 1e-15);
        clock.Rebudget(At(40, 40), TrainingBudget.Parse("60s"));
        Assert.Equal(0.4, clock.Next(At(40, 40)).Begin, 1e-15);
        Assert.Equal(0.7, clock.Next(At(50, 50)).Begin, 1e-12);
        Assert.True(clock.IsSpent(At(60, 60)));
        Assert.Throws<InvalidOptionException>(() => clock.Rebudget(At(60, 60), TrainingBudget.Parse("60s")));
        Assert.Throws<InvalidOptionException>(() => clock.Rebudget(At(60, 60), TrainingBudget.Parse("600steps")));
    }

    private static TrainingCounters At(int steps, double seconds) => new(steps, 0, 0, Duration.FromSeconds(seconds));

    private static TrainingCounters Exactly(int steps, int milliseconds) => new(steps, 0, 0, new((long)steps * milliseconds * 1_000_000));
}
