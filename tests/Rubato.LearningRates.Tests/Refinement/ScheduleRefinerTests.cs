using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Refinement;

public sealed class ScheduleRefinerTests
{
    private static readonly double[] Five = [4, 2, 1, 1, 2];
    private static readonly double[] Decreasing = [.. Enumerable.Range(1, 200).Select(t => 1 + 9 * Math.Exp(-t / 20.0))];

    [Theory]
    [InlineData(OptimizerKind.Sgd, false, 0.125, 0.45, 1, 0.2, 0)]
    [InlineData(OptimizerKind.Sgd, true, 0.060975609756, 0.219512195122, 0.487804878049, 0.097560975610, 0)]
    [InlineData(OptimizerKind.Adam, false, 0.5, 0.833333333333, 1, 0.333333333333, 0)]
    public void Five_norms(OptimizerKind optimizer, bool byWeight, double a, double b, double c, double d, double e)
    {
        var refined = Refine(Five, optimizer, byWeight);
        AssertClose([a, b, c, d, e], refined.Values, 1e-12);
        Assert.False(refined.Degenerate);
        Assert.Equal(3, refined.PeakAt);
        Assert.Equal(0.5, refined.Warmup);
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd, 1, 0.016951911411)]
    [InlineData(OptimizerKind.Sgd, 50, 0.491304158986)]
    [InlineData(OptimizerKind.Sgd, 100, 0.986831992013)]
    [InlineData(OptimizerKind.Sgd, 150, 0.560241955434)]
    [InlineData(OptimizerKind.Adam, 1, 0.160624185345)]
    [InlineData(OptimizerKind.Adam, 50, 0.796541329009)]
    [InlineData(OptimizerKind.Adam, 100, 0.927672220172)]
    public void Norms_that_fall_early_make_a_warmup(OptimizerKind optimizer, int update, double expected)
    {
        var refined = Refine(Decreasing, optimizer);
        Assert.Equal(expected, refined.Values[update - 1], 1e-12);
        Assert.Equal(optimizer == OptimizerKind.Sgd ? 92 : 79, refined.PeakAt);
        Assert.True(refined.Values[0] < 0.5);
        Assert.False(refined.Degenerate);
        Assert.Equal(0.085604906592, refined.Bound, 1e-12);

        var saved = ScheduleJson.Parse(ScheduleJson.Format(new Schedule(refined.Profile)));
        var typed = Schedule.Parse(new Schedule(refined.Profile).ToString());
        Assert.Equal(refined.Values, saved.Bind(200).Curve());
        Assert.Equal(refined.Values, typed.Bind(200).Curve());
    }

    [Fact]
    public void Constant_norms_give_linear_decay_exactly() =>
        Gen.Select(Gen.Int[3, 500], Gen.Double[1e-9, 1e9], Gen.Enum<OptimizerKind>(), Gen.Double[0, 1]).Sample((count, norm, optimizer, smoothing) =>
        {
            var refined = ScheduleRefiner.Refine(Enumerable.Repeat(norm, count).ToArray(), new() { Optimizer = optimizer, Smoothing = smoothing });
            AssertClose([.. Enumerable.Range(1, count).Select(t => (double)(count - t) / (count - 1))], refined.Values, 1e-12);
            Assert.False(refined.Degenerate);
            Assert.Equal(1, refined.Exponent ?? 1, 1e-9);
        });

    [Fact]
    public void The_unit_of_the_norms_does_not_matter_and_the_last_rate_is_0() =>
        Gen.Select(Gen.Double[0.01, 10].Array[3, 100], Gen.Int[-200, 200], Gen.Enum<OptimizerKind>()).Sample((norms, exponent, optimizer) =>
        {
            var refined = Refine(norms, optimizer);
            AssertClose(refined.Values, Refine(Array.ConvertAll(norms, norm => Math.ScaleB(norm, exponent)), optimizer).Values, 0);
            Assert.Equal(0, refined.Values[^1]);
            Assert.Equal(1, refined.Values.Max());
            Assert.Equal(1, refined.Values[refined.PeakAt - 1]);
        });

    [Theory]
    [InlineData(0.125, 1.5, OptimizerKind.Sgd)]
    [InlineData(0.5, 3, OptimizerKind.Sgd)]
    [InlineData(0.25, 1.5, OptimizerKind.Adam)]
    public void A_power_law_of_norms_gives_a_power_law_of_rates(double s, double q, OptimizerKind optimizer)
    {
        foreach (var count in new[] { 1000, 10_000 })
        {
            var refined = Refine([.. Enumerable.Range(1, count).Select(t => Math.Pow(1 - (t - 0.5) / count, -s))], optimizer);
            var largest = refined.Values.Select((value, i) => Math.Abs(value - Math.Pow(1 - (i + 1.0) / count, q))).Max();
            Assert.True(largest <= 1.1 * q / count, $"{largest} > {1.1 * q / count}");
            Assert.Equal(q, refined.Exponent!.Value, 0.05 * q);
        }
    }

    [Fact]
    public void Collapsing_norms_are_degenerate_and_fall_back_to_linear_decay()
    {
        var refined = Refine([.. Enumerable.Range(1, 500).Select(t => Math.Exp(-10.0 * t / 500))], OptimizerKind.Sgd);
        Assert.True(refined.Degenerate);
        Assert.Equal(new RampProfile(0), refined.Profile);
        Assert.All(Enumerable.Range(0, 11), tenth => Assert.Equal(1 - tenth / 10.0, refined.Profile.At(tenth / 10.0), 1e-15));
    }

    [Fact]
    public void A_narrow_early_peak_falls_back_to_its_own_summary()
    {
        var refined = Refine([.. Enumerable.Range(1, 500).Select(t => t is > 100 and < 110 ? 0.001 : 1.0)], OptimizerKind.Sgd);
        Assert.True(refined.Degenerate);
        Assert.InRange(refined.Fallback.Rise, 0.15, 0.25);
    }

    [Fact]
    public void Another_budget_stretches_the_curve() =>
        Gen.Select(Gen.Double[0.5, 2].Array[3, 100], Gen.Int[1, 300]).Sample((norms, steps) =>
        {
            var refined = ScheduleRefiner.Refine(norms, new() { Smoothing = 0, Steps = steps });
            var own = Refine(norms, OptimizerKind.Sgd);
            Assert.Equal(steps, refined.Values.Length);
            Assert.Equal(own.Values[0], refined.Values[0]);
            Assert.Equal(steps > 1 ? 0 : own.Values[0], refined.Values[^1]);
            Assert.All(refined.Values, value => Assert.InRange(value, 0, 1));
        });

    [Fact]
    public void Nothing_but_norms_is_accepted()
    {
        Assert.Contains("at least 3", Refused([1, 2]), StringComparison.Ordinal);
        Assert.Contains("at least 3", Refused([1, 2, double.NaN, double.PositiveInfinity]), StringComparison.Ordinal);
        Assert.Contains("all norms are 0", Refused([0, 0, 0]), StringComparison.Ordinal);
        Assert.Contains("negative", Refused([1, -1, 1, 1]), StringComparison.Ordinal);
        Assert.Equal(Refine(Five, OptimizerKind.Sgd).Values, Refine([4, double.NaN, 2, 1, double.PositiveInfinity, 1, 2], OptimizerKind.Sgd).Values);
    }

    [Fact]
    public void Any_norms_give_numbers() =>
        Gen.OneOf(Gen.Double, Gen.Double[0, 1], Gen.Const(0.0)).Select(Math.Abs).Where(double.IsFinite).Array[3, 60].Where(norms => norms.Max() > 0).Sample(norms =>
        {
            foreach (var optimizer in Enum.GetValues<OptimizerKind>())
            {
                var refined = ScheduleRefiner.Refine(norms, new() { Optimizer = optimizer });
                Assert.All(refined.Values, value => Assert.InRange(value, 0, 1));
                Assert.True(refined.Exponent is null || double.IsFinite(refined.Exponent.Value));
                Assert.All(new Schedule(refined.Profile).Bind(7).Curve(), value => Assert.InRange(value, 0, 1));
            }
        });

    [Fact]
    public void A_schedule_can_name_its_norms()
    {
        var norms = new GradientNormSequence(Five, Five);
        var schedule = ScheduleText.Parse("refined(\"a run/norms.csv\", optimizer=adam, smoothing=0)", file => file == "a run/norms.csv" ? norms : throw new InvalidOperationException(file));
        AssertClose([0.5, 0.833333333333, 1, 0.333333333333, 0], schedule.Bind(5).Curve(), 1e-12);
    }

    [Fact]
    public void A_table_file_brings_back_the_bits() =>
        Gen.Double[0, 1].Array[1, 200].Sample(values =>
        {
            var stream = new MemoryStream();
            TableFile.Write(stream, new(new(values)));
            Assert.Equal(values, TableFile.Read(stream.ToArray(), "t").Values.Items.ToArray());
            Assert.Throws<InvalidFormatException>(() => TableFile.Read(stream.ToArray().AsSpan()[..^1], "t"));
        });

    private static RefinedSchedule Refine(double[] norms, OptimizerKind optimizer, bool byWeight = false) =>
        ScheduleRefiner.Refine(norms, new() { Optimizer = optimizer, Smoothing = 0, DivideByTotalWeight = byWeight });

    private static string Refused(double[] norms) => Assert.Throws<InvalidOptionException>(() => Refine(norms, OptimizerKind.Sgd)).Message;

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance);
        }
    }
}
