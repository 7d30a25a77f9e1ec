using Rubato.Core;
using Rubato.Serving.Switching;

namespace Rubato.Serving.Tests.Switching;

public sealed class SwitchRuleTests
{
    [Theory]
    [InlineData(0, 3, 30, 40, 0, 30, true)]
    [InlineData(1, 10, 10, 40, 10, 300, true)]
    [InlineData(20, 1, 30, 40, 600, 10, false)]
    [InlineData(8, 8, 10, 40, 80, 240, true)]
    [InlineData(8, 8, 25, 40, 200, 120, false)]
    [InlineData(4, 16, 90, 40, 360, 480, true)]
    [InlineData(12, 4, 45, 40, 540, 140, false)]
    public void The_cheaper_side_wins(int runnable, int incoming, int transfer, int step, int waiting, int goingOn, bool waits)
    {
        var (transferTime, stepTime) = (Duration.FromMilliseconds(transfer), Duration.FromMilliseconds(step));
        Assert.Equal(Duration.FromMilliseconds(waiting), SwitchRule.CostOfWaiting(runnable, transferTime));
        Assert.Equal(Duration.FromMilliseconds(goingOn), SwitchRule.CostOfGoingOn(incoming, transferTime, stepTime));
        Assert.Equal(waits, SwitchRule.Waits(runnable, incoming, transferTime, stepTime));
    }

    [Fact]
    public void Before_a_step_was_ever_timed_nobody_waits_but_an_empty_device()
    {
        Assert.True(SwitchRule.Waits(0, 1, Duration.FromMilliseconds(5), Duration.Zero));
        Assert.False(SwitchRule.Waits(1, 1, Duration.FromMilliseconds(5), Duration.Zero));
    }
}
