using Rubato.Core;
using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.Schedules;
using Rubato.Models.DataSets;
using Rubato.Torch.Comparison;

namespace Rubato.Torch.Tests.Comparison;

public sealed class ImageClassificationTaskTests : IDisposable
{
    private const int Updates = 30;
    private readonly ImageClassificationTask _task = new("patches", ImageModelKind.Perceptron, Patches(1, 600), Patches(2, 200));

    public void Dispose() => _task.Dispose();

    [Fact]
    public void Learns_and_the_same_cell_gives_the_same_result()
    {
        var first = Train("linear", 0.1, 1);
        Assert.InRange(first.Loss, 0, 0.3);
        Assert.InRange(first.Metric!.Value, 0, 0.1);
        Assert.Equal(first, Train("linear", 0.1, 1));
        Assert.NotEqual(first.Loss, Train("linear", 0.1, 2).Loss);
        Assert.NotEqual(first.Loss, Train("rex", 0.1, 1).Loss);
    }

    [Fact]
    public void A_convolutional_net_learns_too()
    {
        using var task = new ImageClassificationTask("patches", ImageModelKind.Convolutional, Patches(1, 600), Patches(2, 200));
        var first = task.Train(Cell("linear", 0.1, 1), CancellationToken.None);
        Assert.Equal(first, task.Train(Cell("linear", 0.1, 1), CancellationToken.None));
        Assert.InRange(first.Loss, 0, 2); // An untrained model has ln 10 = 2.3.
    }

    [Fact]
    public void Norms_are_recorded_on_the_side()
    {
        var plain = Train("linear", 0.1, 1);
        var recorded = _task.Train(Cell("linear", 0.1, 1) with { RecordNorms = true }, CancellationToken.None);
        Assert.Equal(plain.Loss, recorded.Loss);
        Assert.Equal(Updates, recorded.Norms!.Count);
        Assert.All(recorded.Norms.L1.Zip(recorded.Norms.L2), pair => Assert.True(pair.First >= pair.Second && pair.Second > 0));
    }

    [Fact]
    public void A_run_that_blows_up_has_diverged() => Assert.Equal(CellResult.Failed, Train("constant", 1e6, 1));

    [Theory]
    [InlineData("onecycle")]
    [InlineData("linear | weight-decay(constant, max=1)")]
    public void Momentum_and_weight_decay_follow_their_curves(string text)
    {
        var withoutChannels = Schedule.Parse(text.Split('|')[0]);
        var same = text == "onecycle"
            ? new Schedule(new LearningRates.Profiles.TableProfile([.. withoutChannels.Bind(Updates).Curve()]))
            : withoutChannels;
        var plain = _task.Train(new(same.Bind(Updates), 0.05, 1), CancellationToken.None);
        Assert.NotEqual(plain.Loss, Train(text, 0.05, 1).Loss);
    }

    [Fact]
    public void Plateau_decay_and_schedule_free_take_part()
    {
        var cell = Cell("constant", 0.05, 1);
        var constant = _task.Train(cell, CancellationToken.None);
        Assert.NotEqual(constant.Loss, _task.Train(cell with { Plateau = new() { Threshold = 0.9 } }, CancellationToken.None).Loss);
        Assert.InRange(_task.Train(cell with { BaseRate = 0.5, ScheduleFree = new() }, CancellationToken.None).Loss, 0, 0.5);
    }

    [Fact]
    public void Stops_when_asked() =>
        Assert.Throws<OperationCanceledException>(() => _task.Train(Cell("linear", 0.1, 1), new(canceled: true)));

    private CellResult Train(string schedule, double rate, ulong seed) => _task.Train(Cell(schedule, rate, seed), CancellationToken.None);

    private static TrainingCell Cell(string schedule, double rate, ulong seed) => new(Schedule.Parse(schedule).Bind(Updates), rate, seed);

    /// <summary>Noise of 6 × 5 pixels with one bright pixel that tells the class.</summary>
    private static ImageSet Patches(ulong seed, int count)
    {
        var random = new Prng(seed);
        var (pixels, labels) = (new byte[count * 30], new byte[count]);
        for (var i = 0; i < count; i++)
        {
            labels[i] = (byte)random.NextInt32(10);
            for (var pixel = 0; pixel < 30; pixel++)
            {
                pixels[i * 30 + pixel] = (byte)random.NextInt32(100);
            }

            pixels[i * 30 + 3 * labels[i]] = 255;
        }

        return new(new([count, 6, 5], pixels), new([count], labels));
    }
}
