using Rubato.LearningRates.Comparison;

namespace Rubato.LearningRates.Tests.Comparison;

public sealed class CellRatesTests
{
    [Fact]
    public void Rates_are_the_base_rate_times_the_schedule_and_momentum_comes_along()
    {
        var contestant = Contestant.Parse("onecycle");
        var cell = contestant.Cell(contestant.Schedule, 100, 0.5, 1);
        var rates = new CellRates(cell);
        Assert.All(Enumerable.Range(0, 100), update =>
        {
            Assert.Equal(0.5 * cell.Schedule.At(update), rates.At(update));
            Assert.Equal(cell.Schedule.MomentumAt(update), rates.MomentumAt(update));
            Assert.False(rates.WantsLossAfter(update));
        });
        Assert.Equal(0.923420422035, rates.MomentumAt(10)!.Value, 1e-12);
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(40, 40)]
    [InlineData(1000, 40)]
    public void Plateau_decay_looks_forty_times_and_cuts_after_its_patience(int updates, int looks)
    {
        var contestant = Contestant.Parse("plateau");
        var rates = new CellRates(contestant.Cell(contestant.Schedule, updates, 2, 1));
        var seen = 0;
        Assert.Equal(2, rates.At(0));
        for (var update = 0; update < updates; update++)
        {
            if (rates.WantsLossAfter(update))
            {
                seen++;
                rates.Observe(update, 1);
            }
        }

        Assert.Equal(looks, seen);
        Assert.True(rates.At(updates - 1) < 0.02, "a loss that never improves must have cut the rate more than once");
    }
}
