using Rubato.Core;

namespace Rubato.Simulation.Tests;

public sealed class VirtualClockTests
{
    [Fact]
    public void Time_moves_forward_only_and_only_when_told()
    {
        var clock = new VirtualClock(new(5));
        clock.AdvanceTo(new(5));
        clock.AdvanceTo(new(9));
        Assert.Equal(new Instant(9), clock.Now);
        Assert.Throws<InvariantViolationException>(() => clock.AdvanceTo(new(8)));
    }
}
