using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Schedules;

public sealed class ScheduleTests
{
    private const int MostUpdates = 400;

    [Fact]
    public void Every_value_is_a_number_between_0_and_1_for_any_budget() =>
        Gen.Select(AnySchedule.Any, Gen.Int[10, MostUpdates]).Sample((schedule, steps) =>
        {
            var bound = schedule.Bind(steps);
            Assert.All(bound.Curve(), value => Assert.InRange(value, 0, 1 + 1e-12));
            Assert.Equal(bound.At(steps), bound.At(long.MaxValue));
            Assert.InRange(bound.At(steps), 0, 1 + 1e-12);
        });

    [Fact]
    public void Any_access_gives_what_walking_gives() =>
        Gen.Select(AnySchedule.Any, Gen.Int[10, MostUpdates], Gen.Int[0, MostUpdates]).Sample((schedule, steps, at) =>
            Assert.Equal(schedule.Bind(steps).Curve()[at % steps], schedule.Bind(steps).At(at % steps)));

    [Fact]
    public void A_run_saved_at_any_step_goes_on_bit_for_bit() =>
        Gen.Select(AnySchedule.Any, Gen.Int[10, MostUpdates], Gen.Int[0, MostUpdates]).Sample((schedule, steps, at) =>
        {
            var before = schedule.Bind(steps);
            var saved = (Json: ScheduleJson.Format(before.Schedule), Text: before.Schedule.ToString(), before.Budget);
            var resumed = ScheduleJson.Parse(saved.Json).Bind(saved.Budget);
            var retyped = Schedule.Parse(saved.Text).Bind(saved.Budget);
            for (var step = at % steps; step < steps; step++)
            {
                Assert.Equal(BitConverter.DoubleToInt64Bits(before.At(step)), BitConverter.DoubleToInt64Bits(resumed.At(step)));
                Assert.Equal(BitConverter.DoubleToInt64Bits(before.At(step)), BitConverter.DoubleToInt64Bits(retyped.At(step)));
            }
        });

    [Fact]
    public void Rebudgeting_keeps_the_rate_and_survives_saving() =>
        Gen.Select(AnySchedule.Any, Gen.Int[20, MostUpdates], Gen.Int[0, MostUpdates], Gen.Int[1, MostUpdates]).Sample((schedule, steps, at, more) =>
        {
            var step = at % steps;
            var before = schedule.Bind(steps);
            var after = before.Rebudget(step, step + more);
            Assert.Equal(step + more, after.Steps);
            for (var t = 0; t <= step; t++)
            {
                Assert.Equal(before.At(t), after.At(t), 1e-15);
            }

            var resumed = ScheduleJson.Parse(ScheduleJson.Format(after.Schedule)).Bind(after.Budget);
            Assert.Equal(after.Curve(), resumed.Curve());
            Assert.Equal(before.At(steps), after.At(after.Steps));
        });

    [Fact]
    public void A_budget_can_change_twice()
    {
        var run = Schedule.Parse("rex").Bind(100).Rebudget(40, 60).Rebudget(50, 80);
        var once = Schedule.Parse("rex").Bind(100).Rebudget(40, 60);
        Assert.Equal(once.At(50), run.At(50));
        Assert.Equal(80, run.Curve().Length);
        Assert.True(run.At(55) > once.At(55));
        Assert.Equal(run.Curve(), Schedule.Parse("rex | rebudget(40:60) | rebudget(50:80)").Bind(100).Curve());
    }

    [Fact]
    public void A_decay_never_rises_and_never_exceeds_its_start() =>
        Gen.Select(AnySchedule.Decays, Gen.Double[0, 1], Gen.Double[0, 1]).Sample((profile, a, b) =>
        {
            Assert.True(profile.At(Math.Min(a, b)) >= profile.At(Math.Max(a, b)) - 1e-15);
            Assert.Equal(1, profile.At(0.0), 1e-15);
        });

    [Fact]
    public void Held_rates_are_those_of_the_sample_points()
    {
        var profile = Schedule.Parse("rex").Bind(200);
        foreach (var (sampler, points) in new (string, int[])[]
        {
            ("33-66", [0, 66, 132]),
            ("25-50-75", [0, 50, 100, 150]),
            ("10-25-50-75", [0, 20, 50, 100, 150]),
            ("10%", [.. Enumerable.Range(0, 10).Select(i => 20 * i)]),
            ("1%", [.. Enumerable.Range(0, 100).Select(i => 2 * i)]),
            ("epochs=8", [.. Enumerable.Range(0, 8).Select(i => 25 * i)]),
        })
        {
            var sampled = Schedule.Parse($"rex | sample({sampler})").Bind(200);
            for (var step = 0; step < 200; step++)
            {
                Assert.Equal(profile.At(points.Last(point => point <= step)), sampled.At(step), 1e-15);
            }
        }
    }

    [Fact]
    public void Sampling_at_every_epoch_takes_their_number_from_the_budget() =>
        Assert.Equal(Schedule.Parse("rex | sample(epochs=10)").Sampler, Schedule.Parse("rex | sample(epoch) | budget(10 epochs)").Sampler);

    [Fact]
    public void A_prefix_warmup_delays_the_profile_and_an_overlay_multiplies_it()
    {
        var rex = Schedule.Parse("rex");
        var prefix = Schedule.Parse("rex | warmup(20%)").Bind(100);
        var overlay = Schedule.Parse("rex | warmup(20%, mode=overlay)").Bind(100);
        for (var step = 0; step < 100; step++)
        {
            Assert.Equal(step < 20 ? (step + 1) / 20.0 : rex.Bind(80).At(step - 20), prefix.At(step), 1e-15);
            Assert.Equal(Math.Min(1, (step + 1) / 20.0) * rex.Bind(100).At(step), overlay.At(step), 1e-15);
        }
    }

    [Theory]
    [InlineData("linear", 0.5)]
    [InlineData("quadratic", 0.25)]
    [InlineData("cosine", 0.5)]
    [InlineData("exponential", 0.1)]
    public void Warmup_shapes_end_at_the_peak(string shape, double half)
    {
        var warm = Schedule.Parse($"constant | warmup(10 steps, {shape})").Bind(100);
        Assert.Equal(half, warm.At(4), 1e-12);
        Assert.Equal(1, warm.At(9), 1e-15);
        Assert.True(warm.At(0) > 0);
    }

    [Fact]
    public void A_warmup_by_share_leaves_at_least_one_update_for_the_profile()
    {
        Assert.Equal(1, Schedule.Parse("rex | warmup(5%)").Bind(1).At(0));
        Assert.Equal([1.0, 1.0], Schedule.Parse("rex | warmup(90%)").Bind(2).Curve());
        Assert.Equal([0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1], Schedule.Parse("rex | warmup(7.1%)").Bind(100).Curve()[..8]);
    }

    [Fact]
    public void Without_the_length_of_an_update_a_warmup_begins_above_0()
    {
        var warm = Schedule.Parse("rex | warmup(3%)");
        Assert.Equal(Warmup.StartOfUnknownUpdate, warm.At(0.0), 1e-15);
        Assert.Equal(1, warm.At(0.03), 1e-12);
        Assert.Equal(new RexProfile().At(0.5), warm.At(0.03 + 0.97 * 0.5), 1e-12);
    }

    [Fact]
    public void Shares_and_steps_of_the_same_budget_agree() =>
        Gen.Select(AnySchedule.Decays, Gen.Enum<IndexConvention>(), Gen.Int[1, 200]).Sample((profile, index, steps) =>
        {
            var schedule = new Schedule(profile) { Index = index };
            for (var step = 0; step < steps; step++)
            {
                Assert.Equal(schedule.Bind(steps).At(step), schedule.At(UpdateSpan.Share((double)step / steps, 1.0 / steps)), 1e-6);
            }
        });

    [Fact]
    public void Floors_squeeze_or_cut()
    {
        var linear = Schedule.Parse("linear").Bind(100);
        var affine = Schedule.Parse("linear | floor(0.1)").Bind(100);
        var clamp = Schedule.Parse("linear | floor(10%, clamp)").Bind(100);
        for (var step = 0; step <= 100; step++)
        {
            Assert.Equal(0.1 + 0.9 * linear.At(step), affine.At(step), 1e-15);
            Assert.Equal(Math.Max(0.1, linear.At(step)), clamp.At(step));
        }
    }

    [Fact]
    public void Groups_share_the_multiplier_and_one_cycle_is_right_in_each()
    {
        var cycle = Schedule.Parse("onecycle").Bind(100);
        Span<double> rates = stackalloc double[2];
        for (var step = 0; step < 100; step++)
        {
            cycle.Rates(step, [0.1, 0.02], rates);
            Assert.Equal(0.1 * cycle.At(step), rates[0]);
            Assert.Equal(0.02 * cycle.At(step), rates[1]);
            Assert.True(step is 0 or > 29 || cycle.At(step) > cycle.At(step - 1));
            Assert.True(step <= 29 || cycle.At(step) < cycle.At(step - 1));
        }
    }

    [Fact]
    public void Index_conventions_read_the_documented_progress()
    {
        Assert.Equal([1, 0.75, 0.5, 0.25], Schedule.Parse("linear").Bind(4).Curve());
        Assert.Equal([0.75, 0.5, 0.25, 0], Schedule.Parse("linear(index=one)").Bind(4).Curve());
        Assert.Equal([0.8, 0.6, 0.4, 0.2], Schedule.Parse("linear(index=interior)").Bind(4).Curve().Select(value => Math.Round(value, 15)));
        Assert.Equal([0.875, 0.625, 0.375, 0.125], Schedule.Parse("linear(index=mid)").Bind(4).Curve());
        Assert.Equal([1, 0.75, 0.5, 0.25, 0], Schedule.Parse("linear(index=closed)").Bind(5).Curve());
    }

    [Fact]
    public void Access_allocates_nothing()
    {
        foreach (var text in new[] { "rex", "uba", "cosine", "wsd | warmup(5%) | floor(0.1)", "rex | sample(50-75)", "rex | rebudget(40:60)", "onecycle", "phases(phase(50%, uba), phase(50%, rex))" })
        {
            var schedule = Schedule.Parse(text).Bind(1000);
            var sum = schedule.At(0);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var step = 0; step < 1000; step++)
            {
                sum += schedule.At(step);
            }

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
            Assert.True(sum > 0);
        }
    }

    [Theory]
    [InlineData("rex", 0, "0 steps")]
    [InlineData("rex", -1, "-1 steps")]
    [InlineData("rex | warmup(100 steps)", 100, "warmup: 100 steps")]
    [InlineData("rex | warmup(101 steps)", 100, "warmup: 101 steps")]
    [InlineData("rex | rebudget(40:40)", 100, "40:40")]
    [InlineData("rex | rebudget(100:200)", 100, "100:200")]
    [InlineData("rex | rebudget(40:60) | rebudget(30:90)", 100, "30:90")]
    public void Budgets_that_do_not_fit_are_refused(string text, int steps, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidOptionException>(() => Schedule.Parse(text).Bind(steps)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("rex | warmup(5 steps)")]
    [InlineData("inverse-sqrt")]
    [InlineData("exponential(gamma=0.9)")]
    [InlineData("sgdr(period=10 steps)")]
    public void What_counts_updates_needs_a_budget_that_does(string text) =>
        Assert.Contains("updates", Assert.Throws<InvalidOptionException>(() => Schedule.Parse(text).At(0.5)).Message, StringComparison.Ordinal);

    [Fact]
    public void Nonsense_progress_is_a_programmers_error()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Parse("rex").At(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Parse("rex").Bind(10).At(-1));
        Assert.Equal(1, Schedule.Parse("rex").At(-5.0));
        Assert.Equal(0, Schedule.Parse("rex").At(5.0));
    }

    [Fact]
    public void Channels_have_their_own_values()
    {
        var schedule = Schedule.Parse("rex | momentum(linear(index=closed), max=0.95, min=0.85) | weight-decay(constant, max=0.1)").Bind(11);
        Assert.Equal(0.95, schedule.MomentumAt(0)!.Value, 1e-15);
        Assert.Equal(0.90, schedule.MomentumAt(5)!.Value, 1e-15);
        Assert.Equal(0.85, schedule.MomentumAt(10)!.Value, 1e-15);
        Assert.Equal(0.1, schedule.WeightDecayAt(10)!.Value, 1e-15);
        Assert.Null(Schedule.Parse("rex").Bind(10).MomentumAt(0));
    }
}
