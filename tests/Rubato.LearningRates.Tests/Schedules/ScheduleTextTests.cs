using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Schedules;

public sealed class ScheduleTextTests
{
    private static readonly Gen<ISchedule> AnySchedule = Gen.OneOf(
        Gen.Const<ISchedule>(new ConstantSchedule()),
        Gen.Double[0, 0.99].Select(beta => (ISchedule)new RexSchedule(beta)));

    [Fact]
    public void Text_and_schedule_round_trip() =>
        Gen.Select(AnySchedule, Gen.Double[0, 0.99], Gen.Bool).Sample((profile, share, warm) =>
        {
            var schedule = warm ? new WarmupSchedule(share, profile) : profile;
            Assert.Equal(schedule, ScheduleText.Parse(schedule.ToString()!));
        });

    [Fact]
    public void Percent_and_fraction_mean_the_same() =>
        Assert.Equal(ScheduleText.Parse("rex(beta=0.5) | warmup(5%)"), ScheduleText.Parse(" rex |warmup( 0.05 )"));

    [Theory]
    [InlineData("", "position 1")]
    [InlineData("cosine", "'cosine' at position 1")]
    [InlineData("rex | warmdown(2%)", "'warmdown(2%)' at position 7")]
    [InlineData("rex(beta=x)", "'x'")]
    [InlineData("rex(beta=0.5", "'rex(beta=0.5'")]
    [InlineData("rex | warmup(nan%)", "'nan'")]
    public void Names_the_place_of_what_it_cannot_read(string text, string part)
    {
        var message = Assert.Throws<InvalidOptionException>(() => ScheduleText.Parse(text)).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
