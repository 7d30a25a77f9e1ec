using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.Schedules;
using Rubato.Torch.Comparison;

namespace Rubato.Torch.Tests.Comparison;

public sealed class LanguageModelTaskTests
{
    private const int Updates = 20;

    private readonly LanguageModelTask _task = new(
        "small", "0", Small.Configuration(Small.Tokenizer.VocabularySize), Small.Packed(6), new(Small.Packed(1), Small.Tokenizer, 16, 2), new() { Sequence = 16, Batch = 4, FullBudget = Updates });

    [Fact]
    public void Learns_and_the_same_cell_gives_the_same_result()
    {
        var (short_, whole) = (Train("linear", 1e-2, 1, 2), Train("linear", 1e-2, 1));
        Assert.True(whole.Loss < short_.Loss - 0.5, $"{whole.Loss} after {Updates} updates, {short_.Loss} after 2");
        Assert.Equal(whole, Train("linear", 1e-2, 1));
        Assert.NotEqual(whole.Loss, Train("linear", 1e-2, 2).Loss);
        Assert.NotEqual(whole.Loss, Train("rex", 1e-2, 1).Loss);
        Assert.InRange(whole.Metric!.Value, 0.1, 8);
    }

    [Fact]
    public void Norms_are_recorded_on_the_side()
    {
        var cell = Cell("linear", 1e-2, 1, Updates);
        var recorded = _task.Train(cell with { RecordNorms = true }, CancellationToken.None);
        Assert.Equal(_task.Train(cell, CancellationToken.None).Loss, recorded.Loss);
        Assert.Equal(Updates, recorded.Norms!.Count);
    }

    [Fact]
    public void A_run_that_blows_up_has_diverged() => Assert.Equal(CellResult.Failed, Train("constant", 1e8, 1));

    private CellResult Train(string schedule, double rate, ulong seed, int updates = Updates) => _task.Train(Cell(schedule, rate, seed, updates), CancellationToken.None);

    private static TrainingCell Cell(string schedule, double rate, ulong seed, int updates) => new(Schedule.Parse(schedule).Bind(updates), rate, seed);
}
