using Rubato.LearningRates.Comparison;
using Rubato.Models.DataSets;
using Rubato.Torch.Comparison;

namespace Rubato.Torch.Tests.Comparison;

/// <summary>The order of schedules on real images, at a tenth and at the whole of the budget. <c>./test</c> fetches the data.</summary>
public sealed class FashionMnistTests
{
    [Fact]
    public void Schedules_that_end_low_beat_a_constant_rate_and_rex_keeps_up_with_linear()
    {
        var (training, test) = new DataSetFolder().Images(DataSetCatalog.FashionMnist);
        using var task = new ImageClassificationTask("fashion", ImageModelKind.Perceptron, training, test, baseRates: [0.03, 0.1, 0.3]);
        var contestants = new[] { "constant", "linear", "rex" }.Select(name => Contestant.Parse(name)).ToArray();
        var comparison = new ScheduleComparison("fashion", [task], contestants, [0.1, 1], [1]);
        Assert.Equal([94, 940], task.Description.FullBudget == 940 ? comparison.Plan().Select(run => run.Updates).Distinct() : []);
        var best = comparison.Run([], TestContext.Current.CancellationToken)
            .GroupBy(record => (record.Budget, record.Schedule))
            .ToDictionary(group => group.Key, group => group.Min(record => record.Loss));
        Assert.Equal(6, best.Count);
        foreach (var budget in new[] { 0.1, 1 })
        {
            var (constant, linear, rex) = (best[(budget, "constant")], best[(budget, "linear")], best[(budget, "rex")]);
            Assert.True(rex < constant && linear < constant && rex <= 1.03 * linear, $"budget {budget}: constant {constant}, linear {linear}, rex {rex}");
        }
    }
}
