using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.Schedules;
using Rubato.Torch.Optimizers;
using Rubato.Torch.Schedules;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace Rubato.Torch.Tests.Schedules;

public sealed class ScheduleDriverTests
{
    private static readonly string[] Texts =
    [
        "rex", "rex(beta=0.75) | warmup(5%)", "uba(phi=3.7)", "uba(phi=0.7, phase=endpoint)", "linear | warmup(3 steps)", "cosine | floor(0.1)",
        "onecycle", "rex | sample(33-66)", "step(milestones=50-75)", "wsd | momentum(cosine, max=0.95, min=0.8)", "rex | weight-decay(linear, max=0.1)",
    ];

    private static readonly Gen<string> AnyText = Gen.Int[0, Texts.Length - 1].Select(i => Texts[i]);

    [Fact]
    public void Every_group_follows_its_own_base_rate_times_the_one_multiplier() =>
        Gen.Select(AnyText, Gen.Int[4, 200], Gen.Double[1e-4, 1], Gen.Double[1e-4, 1]).Sample((text, steps, first, second) =>
        {
            using var optimizer = TwoGroups(first, second);
            var bound = Schedule.Parse(text).Bind(steps);
            var driver = new ScheduleDriver(optimizer, bound);
            for (var step = 0; step < steps + 3; step++)
            {
                _ = driver.Apply(step);
                Assert.Equal([first * bound.At(step), second * bound.At(step)], Rates(optimizer));
                Assert.All(optimizer.ParamGroups.Cast<SGD.ParamGroup>(), group =>
                {
                    Assert.Equal(bound.MomentumAt(step) ?? 0.9, group.Momentum);
                    Assert.Equal(bound.WeightDecayAt(step) ?? 0.01, group.Options.weight_decay);
                });
            }
        }, iter: 60);

    [Fact]
    public void One_cycle_is_right_for_two_groups_where_the_library_s_is_not()
    {
        using var ours = TwoGroups(1, 1);
        var driver = new ScheduleDriver(ours, Schedule.Parse("onecycle").Bind(10));
        using var theirs = TwoGroups(1, 1);
        var scheduler = lr_scheduler.OneCycleLR(theirs, [1.0, 1.0], total_steps: 10);
        var differs = false;
        for (var step = 0; step < 10; step++)
        {
            _ = driver.Apply(step);
            var (rates, library) = (Rates(ours), Rates(theirs));
            Assert.Equal(rates[0], rates[1]);
            Assert.Equal(library[0], rates[0], 1e-9);
            differs |= Math.Abs(library[1] - rates[1]) > 0.1;
            if (step < 9)
            {
                scheduler.step();
            }
        }

        Assert.True(differs, "the library's scheduler is right by now: say so in the documentation");
    }

    [Fact]
    public void A_change_from_outside_is_undone_and_not_compounded()
    {
        using var optimizer = TwoGroups(0.1, 0.02);
        var driver = new ScheduleDriver(optimizer, Schedule.Parse("linear").Bind(10));
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = 1e6;
        }

        _ = driver.Apply(5);
        Assert.Equal([0.05, 0.01], Rates(optimizer));
        _ = driver.Apply(2);
        Assert.Equal([0.1 * 0.8, 0.02 * 0.8], Rates(optimizer));
    }

    [Fact]
    public void The_rest_of_the_curve_is_the_same_bit_for_bit_after_a_resume() =>
        Gen.Select(AnyText, Gen.Int[6, 200], Gen.Double[0, 1], Gen.Bool).Sample((text, steps, where, rebudget) =>
        {
            var stop = (int)(where * (steps - 2));
            using var whole = TwoGroups(0.3, 0.07);
            var driver = new ScheduleDriver(whole, Schedule.Parse(text), new(steps, BudgetUnit.Steps));
            if (rebudget)
            {
                driver.Rebudget(new(stop, 0, 0, Duration.Zero), new(steps + 17, BudgetUnit.Steps));
            }

            _ = driver.Apply(stop);
            var state = driver.Save();
            using var resumed = TwoGroups(5, 6); // Base rates come from the state.
            var second = ScheduleDriver.Load(resumed, state);
            for (var step = stop; step < steps + 20; step++)
            {
                Assert.Equal(driver.Apply(step), second.Apply(step));
                Assert.Equal(Rates(whole), Rates(resumed));
            }
        }, iter: 100);

    [Fact]
    public void A_budget_in_seconds_goes_on_where_it_was() =>
        Gen.Select(Gen.Int[0, 3].Select(i => Texts[i]), Gen.Int[1, 30], Gen.Bool).Sample((text, stop, rebudget) =>
        {
            using var whole = TwoGroups(0.3, 0.07);
            var driver = new ScheduleDriver(whole, Schedule.Parse(text), TrainingBudget.Parse("40s"));
            for (var step = 0; step <= stop; step++)
            {
                _ = driver.Apply(At(step));
            }

            if (rebudget)
            {
                driver.Rebudget(At(stop), TrainingBudget.Parse("60s"));
            }

            using var resumed = TwoGroups(0.3, 0.07);
            var second = ScheduleDriver.Load(resumed, driver.Save());
            for (var step = stop + 1; step <= 60; step++)
            {
                Assert.Equal(driver.Apply(At(step)), second.Apply(At(step)));
                Assert.Equal(Rates(whole), Rates(resumed));
            }

            static TrainingCounters At(int step) => new(step, 0, 0, Duration.FromSeconds(step + 0.25 * (step % 3)));
        }, iter: 40);

    [Fact]
    public void Adam_s_first_beta_is_its_momentum()
    {
        using var weight = nn.Parameter(zeros(2));
        using var optimizer = AdamW([weight], 0.1);
        _ = new ScheduleDriver(optimizer, Schedule.Parse("rex | momentum(linear, max=0.95, min=0.85) | weight-decay(cosine, max=0.2)").Bind(10)).Apply(5);
        var group = Assert.IsType<TorchSharp.Modules.AdamW.ParamGroup>(optimizer.ParamGroups.Single());
        Assert.Equal(0.90, group.Betas.Item1, 1e-15);
        Assert.Equal(0.999, group.Betas.Item2, 1e-15);
        Assert.Equal(0.1, group.Options.weight_decay!.Value, 1e-15);
    }

    [Theory]
    [InlineData("rex | momentum(linear)", "has no momentum")]
    [InlineData("onecycle", "has no momentum")]
    public void A_curve_that_the_optimiser_has_no_use_for_is_refused(string text, string problem)
    {
        using var weight = nn.Parameter(zeros(2));
        using var optimizer = new ScheduleFreeSgd([weight]);
        var error = Assert.Throws<InvalidOptionException>(() => new ScheduleDriver(optimizer, Schedule.Parse(text).Bind(10)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linear | warmup(3 steps)", "10s")]
    [InlineData("linear | warmup(10 steps)", "10steps")]
    [InlineData("linear | rebudget(4:20)", "10s")]
    public void Schedules_that_do_not_fit_their_budget_are_refused(string text, string budget)
    {
        using var optimizer = TwoGroups(1, 1);
        _ = Assert.Throws<InvalidOptionException>(() => new ScheduleDriver(optimizer, Schedule.Parse(text), TrainingBudget.Parse(budget)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"version\":2}")]
    [InlineData("{\"version\":1}")]
    [InlineData("{\"version\":1,\"schedule\":{},\"budget\":\"10steps\",\"progress\":0,\"progressAtChange\":0,\"spentAtChange\":0,\"baseRates\":[1,1]}")]
    [InlineData("{\"version\":1,\"schedule\":{\"version\":1,\"stages\":[{\"name\":\"rex\"}]},\"budget\":\"10steps\",\"progress\":2,\"progressAtChange\":0,\"spentAtChange\":0,\"baseRates\":[1,1]}")]
    [InlineData("{\"version\":1,\"schedule\":{\"version\":1,\"stages\":[{\"name\":\"rex\"}]},\"budget\":\"10steps\",\"progress\":0,\"progressAtChange\":0,\"spentAtChange\":0,\"baseRates\":[1]}")]
    public void A_state_that_is_none_is_refused(string state)
    {
        using var optimizer = TwoGroups(1, 1);
        _ = Assert.Throws<InvalidOptionException>(() => ScheduleDriver.Load(optimizer, state));
    }

    internal static SGD TwoGroups(double first, double second) => SGD(
        [
            new SGD.ParamGroup([nn.Parameter(zeros(2))], first, 0.9, 0, 0.01),
            new SGD.ParamGroup([nn.Parameter(zeros(3))], second, 0.9, 0, 0.01),
        ],
        learningRate: 1);

    internal static double[] Rates(Optimizer optimizer) => [.. optimizer.ParamGroups.Select(group => group.LearningRate)];
}
