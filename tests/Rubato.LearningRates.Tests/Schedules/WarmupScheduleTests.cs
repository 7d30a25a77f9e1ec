using CsCheck;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Schedules;

public sealed class WarmupScheduleTests
{
    [Fact]
    public void Rises_to_the_peak_at_its_share_and_then_follows_the_schedule() =>
        Gen.Select(Gen.Double[0.001, 0.9], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((share, a, b) =>
        {
            var warm = new WarmupSchedule(share, new RexSchedule());
            Assert.Equal(WarmupSchedule.Start, warm.At(0), 12);
            Assert.Equal(1, warm.At(share), 12);
            Assert.Equal(0, warm.At(1), 12);
            var (low, high) = (share * Math.Min(a, b), share * Math.Max(a, b));
            Assert.True(warm.At(low) <= warm.At(high) + 1e-15);
            Assert.Equal(new RexSchedule().At(a), warm.At(share + a * (1 - share)), 9);
        });

    [Fact]
    public void A_share_of_zero_changes_nothing() =>
        Gen.Double[0, 1].Sample(u => Assert.Equal(new RexSchedule().At(u), new WarmupSchedule(0, new RexSchedule()).At(u)));
}
