using Rubato.Hosting.Transfers;

namespace Rubato.Hosting.Tests.Transfers;

public sealed class CopyPaceTests
{
    [Fact]
    public void Due_AfterCopying_IsWhatLeavesTheShare()
    {
        var pace = new CopyPace(0.25);
        pace.Copied(TimeSpan.FromMilliseconds(0.25));
        Assert.Equal(0, pace.DueMilliseconds);
        pace.Copied(TimeSpan.FromMilliseconds(9.75));
        Assert.Equal(30, pace.DueMilliseconds);
        pace.Paused(TimeSpan.FromMilliseconds(12));
        Assert.Equal(18, pace.DueMilliseconds);
        pace.Forget();
        Assert.Equal(0, pace.DueMilliseconds);
    }

    [Fact]
    public void Due_AllOfTheTime_NeverPauses()
    {
        var pace = new CopyPace(1);
        pace.Copied(TimeSpan.FromHours(1));
        Assert.Equal(0, pace.DueMilliseconds);
    }
}
