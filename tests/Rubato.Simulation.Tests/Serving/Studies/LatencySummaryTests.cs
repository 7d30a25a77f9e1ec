using Rubato.Simulation.Serving.Studies;

namespace Rubato.Simulation.Tests.Serving.Studies;

public sealed class LatencySummaryTests
{
    [Fact]
    public void Figures_are_samples_of_nearest_rank()
    {
        var summary = LatencySummary.Of([.. Enumerable.Range(1, 1000).Reverse().Select(i => (double)i)])!;
        Assert.Equal(new(1000, 500.5, 500, 950, 990, 999, 1000), summary);
        Assert.Equal(new(1, 7, 7, 7, 7, 7, 7), LatencySummary.Of([7]));
        Assert.Null(LatencySummary.Of([]));
    }
}
