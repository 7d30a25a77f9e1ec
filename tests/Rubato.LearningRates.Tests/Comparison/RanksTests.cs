using CsCheck;
using Rubato.LearningRates.Comparison;

namespace Rubato.LearningRates.Tests.Comparison;

public sealed class RanksTests
{
    /// <summary>Few different values, so that ties are common; 4 stands for a diverged run.</summary>
    private static readonly Gen<double[]> Losses = Gen.Int[0, 4].Select(i => i == 4 ? double.PositiveInfinity : i / 2.0).Array[1, 12];

    [Fact]
    public void Average_of_ties_keeps_the_sum_and_the_order() => Losses.Sample(losses =>
    {
        var ranks = Ranks.Average(losses);
        Assert.Equal(losses.Length * (losses.Length + 1) / 2.0, ranks.Sum(), 1e-9);
        for (var i = 0; i < losses.Length; i++)
        {
            for (var j = 0; j < losses.Length; j++)
            {
                Assert.Equal(losses[i].CompareTo(losses[j]), ranks[i].CompareTo(ranks[j]));
            }
        }
    });

    [Fact]
    public void Average_does_not_depend_on_the_order() => Losses.Sample(losses =>
    {
        var reversed = Ranks.Average([.. losses.Reverse()]);
        Assert.Equal(Ranks.Average(losses), reversed.Reverse());
    });

    [Fact]
    public void Diverged_runs_share_the_last_places()
    {
        Assert.Equal([1, 3.5, 2, 3.5], Ranks.Average([0.5, double.PositiveInfinity, 7, double.PositiveInfinity]));
        Assert.Equal([1.5, 1.5], Ranks.Average([double.PositiveInfinity, double.PositiveInfinity]));
    }
}
