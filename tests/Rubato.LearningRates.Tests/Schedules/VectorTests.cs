using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Schedules;

/// <summary>Values computed independently of this program, to 12 decimals; each also after a round trip through JSON and text.</summary>
public sealed class VectorTests
{
    [Theory]
    [InlineData("linear", 100, 25, 0.75)]
    [InlineData("rex", 100, 1, 0.994974874372)]
    [InlineData("rex", 100, 10, 0.947368421053)]
    [InlineData("rex", 100, 25, 0.857142857143)]
    [InlineData("rex", 100, 50, 0.666666666667)]
    [InlineData("rex", 100, 75, 0.4)]
    [InlineData("rex", 100, 90, 0.181818181818)]
    [InlineData("rex", 100, 99, 0.019801980198)]
    [InlineData("rex(beta=0.9)", 100, 10, 0.989010989011)]
    [InlineData("rex-community", 100, 50, 0.909090909091)]
    [InlineData("rex-community", 100, 90, 0.526315789474)]
    [InlineData("rex-community", 100, 99, 0.091743119266)]
    [InlineData("cosine", 100, 1, 0.999753280183)]
    [InlineData("cosine", 100, 25, 0.853553390593)]
    [InlineData("cosine", 100, 75, 0.146446609407)]
    [InlineData("cosine", 100, 99, 0.000246719817)]
    [InlineData("uba(phi=0.25)", 100, 0, 0.999992289114)]
    [InlineData("uba(phi=0.25)", 100, 24, 0.979904752863)]
    [InlineData("uba(phi=0.25)", 100, 49, 0.891954121511)]
    [InlineData("uba(phi=0.25)", 100, 74, 0.589229154004)]
    [InlineData("uba(phi=0.25)", 100, 99, 0.000493257092)]
    [InlineData("uba", 100, 0, 0.999969157169)]
    [InlineData("uba", 100, 24, 0.924189314815)]
    [InlineData("uba(phi=1)", 100, 49, 0.673611335875)]
    [InlineData("uba(phi=1)", 100, 74, 0.263954595953)]
    [InlineData("uba(phi=1)", 100, 99, 0.000123359909)]
    [InlineData("uba(phi=2)", 100, 0, 0.999938316241)]
    [InlineData("uba(phi=2)", 100, 24, 0.859063148882)]
    [InlineData("uba(phi=2)", 100, 49, 0.507853658656)]
    [InlineData("uba(phi=2)", 100, 99, 0.000061683759)]
    [InlineData("uba(phi=5)", 100, 0, 0.999845804869)]
    [InlineData("uba(phi=5)", 100, 24, 0.709145952573)]
    [InlineData("uba(phi=5)", 100, 49, 0.292168886119)]
    [InlineData("uba(phi=5)", 100, 74, 0.066922525796)]
    [InlineData("uba(phi=5)", 100, 99, 0.000024674417)]
    [InlineData("uba(phi=1,phase=endpoint)", 100, 25, 0.920991426441)]
    [InlineData("uba(phi=1,phase=endpoint)", 100, 50, 0.666666666667)]
    [InlineData("uba(phi=1,index=zero)", 100, 75, 0.255479161795)]
    [InlineData("uba(phi=1,phase=endpoint)", 100, 99, 0.000493317923)]
    [InlineData("uba(phi=5,phase=endpoint)", 100, 25, 0.699823272443)]
    [InlineData("uba(phi=5,phase=endpoint)", 100, 50, 0.285714285714)]
    [InlineData("uba(phi=5,phase=endpoint)", 100, 75, 0.064221671377)]
    [InlineData("exponential(final=0.01)", 100, 25, 0.316227766017)]
    [InlineData("exponential", 100, 50, 0.1)]
    [InlineData("exponential", 100, 99, 0.010471285481)]
    [InlineData("delayed-linear(25%)", 100, 25, 1)]
    [InlineData("delayed-linear(25%)", 100, 50, 0.666666666667)]
    [InlineData("delayed-linear(25%)", 100, 99, 0.013333333333)]
    [InlineData("polynomial(power=0.9)", 100, 50, 0.535886731268)]
    [InlineData("polynomial(power=0.9)", 100, 99, 0.015848931925)]
    [InlineData("wsd(decay=20%, cooldown=sqrt)", 100, 80, 1)]
    [InlineData("wsd", 100, 81, 0.776393202250)]
    [InlineData("wsd", 100, 90, 0.292893218813)]
    [InlineData("wsd", 100, 99, 0.025320565519)]
    [InlineData("onecycle", 100, 0, 0.04)]
    [InlineData("onecycle", 100, 10, 0.295163948464)]
    [InlineData("onecycle", 100, 29, 1)]
    [InlineData("onecycle", 100, 50, 0.793893450576)]
    [InlineData("onecycle", 100, 75, 0.263068616501)]
    [InlineData("onecycle", 100, 99, 0.000004)]
    [InlineData("rex | warmup(5 steps)", 100, 0, 0.2)]
    [InlineData("rex | warmup(5)", 100, 4, 1)]
    [InlineData("rex | warmup(5%)", 100, 5, 1)]
    [InlineData("rex | warmup(5%)", 100, 52, 0.671328671329)]
    [InlineData("rex | warmup(5%)", 100, 99, 0.020833333333)]
    [InlineData("rex | sample(50-75)", 100, 49, 1)]
    [InlineData("rex | sample(50-75)", 100, 50, 0.666666666667)]
    [InlineData("rex | sample(50-75)", 100, 75, 0.4)]
    [InlineData("rex | rebudget(40:60)", 100, 50, 0.461538461538)]
    public void Values_to_twelve_decimals(string text, int steps, int step, double expected)
    {
        var schedule = Schedule.Parse(text);
        Assert.Equal(expected, schedule.Bind(steps).At(step), 1e-12);
        Assert.Equal(expected, Schedule.Parse(schedule.ToString()).Bind(steps).At(step), 1e-12);
        Assert.Equal(expected, ScheduleJson.Parse(ScheduleJson.Format(schedule)).Bind(steps).At(step), 1e-12);
    }

    [Theory]
    [InlineData(10, 0.923420422035)]
    [InlineData(50, 0.870610737385)]
    [InlineData(75, 0.923693433124)]
    public void Momentum_of_one_cycle(int step, double expected) =>
        Assert.Equal(expected, Schedule.Parse("onecycle").Bind(100).MomentumAt(step)!.Value, 1e-12);

    [Theory]
    [InlineData(0, 9.204151632637)]
    [InlineData(7, 1.008722040018)]
    public void Uba_between_two_rates(int step, double expected) =>
        Assert.Equal(expected, 1 + 9 * Schedule.Parse("uba(phi=20)").Bind(8).At(step), 1e-11);

    [Theory]
    [InlineData(0.25, 0.738796125036)]
    [InlineData(1, 0.585786437627)]
    [InlineData(5, 0.387425886723)]
    [InlineData(10, 0.309016994375)]
    public void Mean_of_uba(double phi, double expected)
    {
        var schedule = Schedule.Parse(FormattableString.Invariant($"uba(phi={phi})"));
        Assert.Equal(expected, schedule.Profile.Mean!.Value, 1e-12);
        Assert.All(new[] { 64, 256, 1000 }, steps => Assert.Equal(schedule.Profile.Mean.Value, schedule.Bind(steps).Curve().Average(), 1e-12));
    }

    [Fact]
    public void Mean_of_rex()
    {
        var schedule = Schedule.Parse("rex(index=mid)");
        Assert.Equal(0.613705638880, schedule.Profile.Mean!.Value, 1e-12);
        Assert.Equal(2 - 2 * Math.Log(2), schedule.Profile.Mean.Value, 1e-15);
        Assert.Equal(0.613711888743, schedule.Bind(100).Curve().Average(), 1e-12);
        Assert.Equal(schedule.Profile.Mean.Value, schedule.Bind(100_000).Curve().Average(), 1e-10);
    }
}
