using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;
using Rubato.LearningRates.Tests.Schedules;

namespace Rubato.LearningRates.Tests.Profiles;

public sealed class ProfileTests
{
    private static readonly Gen<double> Strength = Gen.Double[0.01, 20];
    private static readonly Gen<double> Unit = Gen.Double[0, 1];

    [Fact]
    public void The_maps_form_a_group_and_mirror() =>
        Gen.Select(Strength, Strength, Unit).Sample((a, b, y) =>
        {
            Assert.Equal(Mobius.Apply(a * b, y), Mobius.Apply(a, Mobius.Apply(b, y)), 1e-13);
            Assert.Equal(y, Mobius.Apply(1 / a, Mobius.Apply(a, y)), 1e-13);
            Assert.Equal(1 - Mobius.Apply(a, y), Mobius.Apply(1 / a, 1 - y), 1e-13);
        }, iter: 1000);

    [Fact]
    public void Families_meet_where_they_should() =>
        Gen.Select(Strength, Unit).Sample((phi, u) =>
        {
            Assert.Equal(new CosineProfile().At(u), new UbaProfile(2).At(u), 1e-13);
            Assert.Equal(new LinearProfile().At(u), new RexProfile(0).At(u), 1e-13);
            Assert.Equal(new WarpProfile(phi / 2, new LinearProfile()).At(u), new RexProfile(1 - phi / 2).At(u), 1e-13);
            Assert.Equal(new WarpProfile(phi / 2, new CosineProfile()).At(u), new UbaProfile(phi).At(u), 1e-13);
            Assert.Equal(1 - new UbaProfile(phi).At(u), new UbaProfile(4 / phi).At(1 - u), 1e-13);
        }, iter: 1000);

    [Fact]
    public void Uba_is_none_of_the_formulas_that_go_by_its_name() =>
        Gen.Double[0.3, 5].Sample(phi =>
        {
            var uba = new UbaProfile(phi);
            Assert.Contains(Enumerable.Range(1, 9), tenth => Math.Abs(uba.At(tenth / 10.0) - Math.Pow(1 - tenth / 10.0, phi)) > 0.01);
            Assert.Contains(Enumerable.Range(1, 9), tenth => Math.Abs(uba.At(tenth / 10.0) - Math.Pow(1 - phi * tenth / 10.0, 2)) > 0.01);
        });

    [Fact]
    public void Inverses_bring_back_the_value() =>
        Gen.Select(AnySchedule.Decays, Unit).Sample((profile, u) =>
        {
            var value = profile.At(u);
            var back = profile.Inverse(value);
            Assert.NotNull(back);
            Assert.InRange(back.Value, 0, 1);
            Assert.Equal(value, profile.At(back.Value), 1e-7);
            Assert.Null(profile.Inverse(1.5));
            Assert.Null(profile.Inverse(double.NaN));
        });

    [Fact]
    public void Means_are_those_of_the_curve() =>
        AnySchedule.Profile.Where(profile => profile.Mean is not null).Sample(profile =>
        {
            const int Points = 20_000;
            var sum = Enumerable.Range(0, Points).Sum(i => profile.At((i + 0.5) / Points));
            Assert.Equal(profile.Mean!.Value, sum / Points, 2e-4);
        }, iter: 60);

    [Fact]
    public void Chebyshev_rates_leave_the_smallest_residual_on_quadratics()
    {
        double[] uba = Rates("uba(phi=20)", 8, 1, 10);
        var best = WorstResidual(uba, 0.1, 1);
        Assert.Equal(0.010608673472, best, 1e-9);
        Assert.Equal(1 / Chebyshev(8, 11.0 / 9), best, 1e-9);
        Assert.Equal(0.0805232833, WorstResidual(Rates("uba(phi=200)", 16, 1, 100), 0.01, 1), 1e-9);
        Assert.All(
            new[] { Enumerable.Repeat(2 / 1.1, 8).ToArray(), Rates("linear", 8, 1, 10), Rates("cosine", 8, 1, 10), Rates("rex", 8, 1, 10) },
            other => Assert.True(WorstResidual(other, 0.1, 1) > best + 1e-6));
    }

    [Fact]
    public void A_splice_does_not_jump() =>
        Gen.Select(AnySchedule.Decays, AnySchedule.Decays, Gen.Double[0.05, 0.95]).Where((first, second, at) => second.Inverse(first.At(at)) is not null).Sample((first, second, at) =>
        {
            var splice = new SpliceProfile(at, first, second);
            Assert.Equal(first.At(at), splice.At(at), 1e-7);
            Assert.Equal(first.At(at / 2), splice.At(at / 2));
            Assert.Equal(second.At(1.0), splice.At(1.0), 1e-9);
        });

    [Fact]
    public void Phases_restart_and_count_their_own_updates()
    {
        var phases = Schedule.Parse("phases(phase(30%, uba(phi=1)), phase(70%, uba(phi=5), max=0.5, min=0.1))").Bind(10);
        var (first, second) = (Schedule.Parse("uba(phi=1)").Bind(3).Curve(), Schedule.Parse("uba(phi=5)").Bind(7).Curve());
        Assert.Equal([.. first, .. second.Select(value => 0.1 + 0.4 * value)], phases.Curve(), (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.True(Schedule.Parse("phases(phase(10%, uba), phase(90%, rex))").Bind(1).At(0) > 0);
    }

    [Fact]
    public void A_table_over_its_own_number_of_updates_is_read_without_rounding() =>
        Gen.Select(Gen.Double[0, 1].Array[1, 300], Gen.Bool).Sample((values, hold) =>
            Assert.Equal(values, new Schedule(new TableProfile(new(values), hold)).Bind(values.Length).Curve()));

    [Fact]
    public void Restarts_and_cycles_repeat()
    {
        var sgdr = Schedule.Parse("sgdr(period=10 steps, mult=2)").Bind(70);
        Assert.Equal([1, 1, 1], new[] { sgdr.At(0), sgdr.At(10), sgdr.At(30) });
        Assert.Equal(0.5, sgdr.At(20), 1e-12);
        Assert.Equal(0, sgdr.At(70));
        var cyclic = Schedule.Parse("triangular(half=5 steps, base=0.2)").Bind(20);
        Assert.Equal([0.2, 1, 0.2, 1], new[] { cyclic.At(0), cyclic.At(5), cyclic.At(10), cyclic.At(15) });
    }

    [Fact]
    public void Baselines_that_count_updates()
    {
        Assert.All(Enumerable.Range(0, 50), t =>
        {
            Assert.Equal(1 / Math.Sqrt(t + 1), Schedule.Parse("inverse-sqrt").Bind(50).At(t), 1e-15);
            Assert.Equal(1.0 / (t + 1), Schedule.Parse("inverse-time").Bind(50).At(t), 1e-15);
            Assert.Equal(Math.Pow(0.97, t), Schedule.Parse("exponential(gamma=0.97)").Bind(50).At(t), 1e-12);
            Assert.Equal(t < 25 ? 1 : t < 38 ? 0.1 : 0.01, Schedule.Parse("step(50-75)").Bind(50).At(t), 1e-15);
        });
    }

    [Fact]
    public void Three_phases_of_one_cycle_return_before_they_end()
    {
        var cycle = Schedule.Parse("onecycle(rise=25%, phases=3, anneal=linear)").Bind(100);
        Assert.Equal(0.04, cycle.At(0), 1e-15);
        Assert.Equal(1, cycle.At(24), 1e-15);
        Assert.Equal(0.52, cycle.At(36), 1e-15);
        Assert.Equal(0.04, cycle.At(48), 1e-15);
        Assert.Equal(4e-6, cycle.At(99), 1e-15);
        Assert.Equal(0.85, cycle.MomentumAt(24)!.Value, 1e-15);
        Assert.Equal(0.95, cycle.MomentumAt(60)!.Value, 1e-15);
    }

    [Fact]
    public void The_tiniest_budgets_have_values() =>
        Gen.Select(AnySchedule.Profile, Gen.Enum<IndexConvention>(), Gen.Int[1, 3]).Sample((profile, index, steps) =>
            Assert.All(new Schedule(profile) { Index = index }.Bind(steps).Curve(), value => Assert.InRange(value, 0, 1)));

    [Fact]
    public void Parameters_out_of_range_are_refused_by_name()
    {
        void Refused(Func<object> make, string part) =>
            Assert.Contains(part, Assert.Throws<InvalidOptionException>(make).Message, StringComparison.Ordinal);

        foreach (var bad in new[] { 0, -1, double.NaN, double.PositiveInfinity })
        {
            Refused(() => new UbaProfile(bad), "phi");
            Refused(() => new PolynomialProfile(bad), "power");
            Refused(() => new CosineProfile(bad), "power");
            Refused(() => new WarpProfile(bad, new LinearProfile()), "a is");
            Refused(() => new ExponentialProfile(bad), "final");
            Refused(() => new WsdProfile(bad), "decay");
        }

        Refused(() => new RexProfile(1.1), "beta");
        Refused(() => new RexProfile(double.NaN), "beta");
        Refused(() => new DelayedLinearProfile(1), "start");
        Refused(() => new StepProfile([0.5, 0.5]), "milestone");
        Refused(() => new StepProfile([]), "milestone");
        Refused(() => new TableProfile([0.5, double.NaN]), "value 2");
        Refused(() => new TableProfile([]), "at least one");
        Refused(() => new PhasesProfile([new Phase(0.5, new LinearProfile())]), "make 0.5");
        Refused(() => new OneCycleProfile(0.6, threePhase: true), "rise");
        Refused(() => new Floor(double.NaN), "floor");
        Refused(() => new Warmup(BudgetPart.Share(1)), "warmup");
        Assert.Equal(1, new RexProfile(1).At(0.999));
        Assert.Equal(0, new RexProfile(1).At(1.0));
    }

    private static double[] Rates(string schedule, int steps, double low, double high) =>
        [.. Schedule.Parse(schedule).Bind(steps).Curve().Select(value => low + (high - low) * value)];

    private static double WorstResidual(double[] rates, double low, double high) =>
        Enumerable.Range(0, 20_001).Max(i => Math.Abs(rates.Aggregate(1.0, (product, rate) => product * (1 - rate * (low + (high - low) * i / 20_000)))));

    private static double Chebyshev(int degree, double x) => Math.Cosh(degree * Math.Acosh(x));
}
