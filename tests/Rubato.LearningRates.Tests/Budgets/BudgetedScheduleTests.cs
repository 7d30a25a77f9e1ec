using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Budgets;

public sealed class BudgetedScheduleTests
{
    [Fact]
    public void A_budget_in_steps_says_what_the_bound_schedule_says() =>
        Gen.Select(Any("rex | warmup(5%)", "uba(phi=2.5)", "onecycle", "linear | weight-decay(cosine, max=0.1)"), Gen.Int[2, 300]).Sample((text, steps) =>
        {
            var bound = Schedule.Parse(text).Bind(steps);
            var joined = new BudgetedSchedule(bound.Schedule, new(steps, BudgetUnit.Steps));
            for (var step = 0; step < steps + 2; step++)
            {
                var values = joined.Next(Done(step));
                Assert.Equal(values, joined.At(step));
                Assert.Equal((bound.At(step), bound.MomentumAt(step), bound.WeightDecayAt(step)), (values.Multiplier, values.Momentum, values.WeightDecay));
                Assert.Equal(Math.Min(1, step / (double)steps), values.Progress);
            }
        });

    [Fact]
    public void A_new_budget_does_not_move_the_rate_in_any_unit() =>
        Gen.Select(Any("rex", "linear", "cosine"), Gen.Int[2, 90], Gen.Int[1, 200], Gen.Bool).Sample((text, at, more, timed) =>
        {
            var unit = timed ? BudgetUnit.Seconds : BudgetUnit.Steps;
            var (before, after) = (new BudgetedSchedule(Schedule.Parse(text), new(100, unit)), new BudgetedSchedule(Schedule.Parse(text), new(100, unit)));
            for (var step = 0; step < at; step++)
            {
                Assert.Equal(before.Next(Done(step)), after.Next(Done(step)));
            }

            after.Rebudget(Done(at), new(at + more, unit));
            Assert.Equal(before.Next(Done(at)).Multiplier, after.Next(Done(at)).Multiplier, 1e-12);
        });

    [Fact]
    public void The_log_of_a_budget_in_seconds_gives_the_same_rates_again()
    {
        var schedule = Schedule.Parse("rex | warmup(5%)");
        var joined = new BudgetedSchedule(schedule, TrainingBudget.Parse("10s"));
        double[] rates = [.. Enumerable.Range(0, 8).Select(step => joined.Next(Done(step)).Multiplier)];
        var replay = new ReplayClock(joined.ClockLog);
        Assert.Equal(rates, Enumerable.Range(0, 8).Select(_ => schedule.At(replay.Next(default))));
        var counted = new BudgetedSchedule(schedule, TrainingBudget.Parse("10steps"));
        _ = counted.Next(Done(0));
        Assert.Empty(counted.ClockLog);
    }

    [Fact]
    public void Only_steps_have_values_by_step()
    {
        var joined = new BudgetedSchedule(Schedule.Parse("rex"), TrainingBudget.Parse("10s"));
        _ = Assert.Throws<InvalidOperationException>(() => joined.At(1));
        _ = Assert.Throws<InvalidOptionException>(() => joined.Rebudget(Done(1), TrainingBudget.Parse("10steps")));
        var counted = new BudgetedSchedule(Schedule.Parse("rex"), TrainingBudget.Parse("10steps"));
        _ = Assert.Throws<InvalidOptionException>(() => counted.Rebudget(Done(1), TrainingBudget.Parse("10s")));
    }

    [Theory]
    [InlineData("10steps", 1, 10)]
    [InlineData("1000tokens", 64, 16)]
    [InlineData("1024tokens", 64, 16)]
    [InlineData("1tokens", 64, 1)]
    [InlineData("3epochs", 0.1, 30)]
    [InlineData("0.25epochs", 0.1, 3)]
    [InlineData("100samples", 8, 13)]
    public void Budgets_that_every_update_uses_alike_are_whole_updates(string budget, double perUpdate, long updates) =>
        Assert.Equal(
            new TrainingBudget(updates, BudgetUnit.Steps),
            TrainingBudget.Parse(budget).InSteps(new(1, (long)perUpdate, perUpdate, Duration.Zero, (long)perUpdate)));

    [Fact]
    public void Time_is_no_number_of_updates() =>
        Assert.Throws<InvalidOptionException>(() => TrainingBudget.Parse("10min").InSteps(new(1, 1, 1, Duration.FromSeconds(1))));

    private static Gen<string> Any(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static TrainingCounters Done(int steps) => new(steps, 0, 0, Duration.FromSeconds(steps));
}
