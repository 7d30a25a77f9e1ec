using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Torch.Checkpoints;
using Rubato.Torch.Reports;
using Rubato.Torch.Training;

namespace Rubato.Torch.Tests.Checkpoints;

public sealed class CheckpointFolderTests : IDisposable
{
    private static readonly ImmutableSortedDictionary<string, string> Recipe =
        ImmutableSortedDictionary<string, string>.Empty.Add("seed", "1");

    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-checkpoints").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("60steps")]
    [InlineData("2500tokens")]
    public void A_resumed_run_goes_on_bit_for_bit(string budget)
    {
        var uninterrupted = new RecordingObserver();
        Run(budget, uninterrupted, checkpoints: null, resume: false, stopAfter: int.MaxValue);

        var checkpoints = new CheckpointFolder(_folder, Recipe);
        var interrupted = new RecordingObserver();
        Run(budget, interrupted, checkpoints, resume: false, stopAfter: 7);
        Run(budget, interrupted, checkpoints, resume: true, stopAfter: 23);
        Run(budget, interrupted, checkpoints, resume: true, stopAfter: int.MaxValue);

        Assert.Equal(uninterrupted.Updates.Select(Exact), interrupted.Updates.Select(Exact));

        static (long, long, long, double) Exact(UpdateReport update) => (
            BitConverter.DoubleToInt64Bits(update.Loss), BitConverter.DoubleToInt64Bits(update.GradientNorm),
            BitConverter.DoubleToInt64Bits(update.LearningRate), update.At.Epochs);
    }

    [Fact]
    public void A_full_disk_at_any_byte_leaves_the_last_good_checkpoint()
    {
        using var model = Small.Model();
        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("100steps"), TimeProvider.System);
        var checkpoints = new CheckpointFolder(_folder, Recipe);
        trainer.Update();
        checkpoints.Save(trainer);
        var good = File.ReadAllBytes(checkpoints.FilePath);
        var random = new Prng(2);
        for (var trial = 0; trial < 30; trial++)
        {
            trainer.Update();
            var room = random.NextInt32(good.Length);
            Assert.Throws<RubatoException>(() => checkpoints.Save(trainer, stream => new SmallDisk(stream, room)));
            Assert.Equal(good, File.ReadAllBytes(checkpoints.FilePath));
            Assert.Single(Directory.GetFiles(_folder));
        }

        using var fresh = Small.Model(seed: 2);
        using var resumed = new Trainer(fresh, Small.Rows(), null, Small.Options("100steps"), TimeProvider.System);
        checkpoints.Load(resumed);
        Assert.Equal(1, resumed.Progress.Steps);
    }

    [Fact]
    public void Another_recipe_is_refused_by_name()
    {
        using var model = Small.Model();
        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("100steps"), TimeProvider.System);
        new CheckpointFolder(_folder, Recipe).Save(trainer);
        var error = Assert.Throws<RubatoException>(() => new CheckpointFolder(_folder, Recipe.SetItem("seed", "2")).Load(trainer));
        Assert.Contains("seed = 1, not 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_changed_bit_and_any_missing_end_is_refused_in_one_line_and_leaves_the_trainer_as_it_was()
    {
        using var model = Small.Model();
        using var saved = new Trainer(model, Small.Rows(), null, Small.Options("100steps"), TimeProvider.System);
        saved.Update();
        var checkpoints = new CheckpointFolder(_folder, Recipe);
        checkpoints.Save(saved);
        var good = File.ReadAllBytes(checkpoints.FilePath);
        var header = 8 + BitConverter.ToInt32(good);

        using var other = Small.Model(seed: 2);
        using var trainer = new Trainer(other, Small.Rows(), null, Small.Options("100steps"), TimeProvider.System);
        var before = StateBytes(trainer);
        var random = new Prng(4);
        for (var trial = 0; trial < FuzzScale.Times(300); trial++)
        {
            var bad = random.NextInt32(3) switch
            {
                0 => good[..random.NextInt32(good.Length)],
                1 => Flip(good, random.NextInt32(header), random),
                _ => Flip(good, header + random.NextInt32(good.Length - header), random),
            };
            File.WriteAllBytes(checkpoints.FilePath, bad);
            var error = Assert.ThrowsAny<RubatoException>(() => checkpoints.Load(trainer));
            Assert.StartsWith(checkpoints.FilePath, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
            Assert.Equal(TrainerProgress.Start, trainer.Progress);
        }

        Assert.True(before.AsSpan().SequenceEqual(StateBytes(trainer)));
        File.WriteAllBytes(checkpoints.FilePath, good);
        checkpoints.Load(trainer);
        Assert.True(StateBytes(saved).AsSpan().SequenceEqual(StateBytes(trainer)));
    }

    [Fact]
    public void A_write_that_arrives_changed_on_the_disk_does_not_become_the_checkpoint()
    {
        using var model = Small.Model();
        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("100steps"), TimeProvider.System);
        var checkpoints = new CheckpointFolder(_folder, Recipe);
        checkpoints.Save(trainer);
        var good = File.ReadAllBytes(checkpoints.FilePath);
        trainer.Update();
        var error = Assert.Throws<InvalidFormatException>(() => checkpoints.Save(trainer, stream => new LyingDisk(stream, good.Length / 2)));
        Assert.Contains("does not match its checksum", error.Message, StringComparison.Ordinal);
        Assert.Equal(good, File.ReadAllBytes(checkpoints.FilePath));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.001)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void Kill_minus_nine_in_the_middle_of_a_save_leaves_the_last_good_checkpoint(double share)
    {
        using var model = Small.Model();
        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("100steps"), TimeProvider.System);
        var checkpoints = new CheckpointFolder(_folder, Recipe);
        trainer.Update();
        checkpoints.Save(trainer);
        var good = File.ReadAllBytes(checkpoints.FilePath);
        var room = (int)(good.Length * share);

        Assert.Equal(CheckpointWriterProcess.Killed, CheckpointWriterProcess.SaveUntilKilled(_folder, room));
        Assert.Equal(good, File.ReadAllBytes(checkpoints.FilePath));
        var leftover = Assert.Single(Directory.GetFiles(_folder), path => path != checkpoints.FilePath);
        Assert.Equal(room, new FileInfo(leftover).Length); // Proof that it died in the middle of the file.

        checkpoints.Load(trainer);
        trainer.Update();
        checkpoints.Save(trainer);
        Assert.Equal([checkpoints.FilePath], Directory.GetFiles(_folder)); // What the killed writer left has been removed.
    }

    [Fact]
    public void Without_a_checkpoint_the_message_names_the_file()
    {
        using var model = Small.Model();
        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("100steps"), TimeProvider.System);
        var checkpoints = new CheckpointFolder(_folder, Recipe);
        Assert.False(checkpoints.Exists);
        var error = Assert.Throws<RubatoException>(() => checkpoints.Load(trainer));
        Assert.Contains(checkpoints.FilePath, error.Message, StringComparison.Ordinal);
    }

    private static void Run(string budget, RecordingObserver seen, CheckpointFolder? checkpoints, bool resume, int stopAfter)
    {
        using var model = Small.Model(seed: resume ? 99UL : 1UL); // A resumed run takes its weights from the checkpoint.
        var options = Small.Options(budget) with { Accumulate = 2, Batch = 2 };
        using var trainer = new Trainer(model, Small.Rows(), null, options, TimeProvider.System);
        if (resume)
        {
            checkpoints!.Load(trainer);
        }

        using var stop = new CancellationTokenSource();
        var stopper = new RecordingObserver(update =>
        {
            seen.OnUpdate(update);
            if (update.At.Steps == stopAfter)
            {
                stop.Cancel();
            }
        });
        Assert.Equal(stopAfter == int.MaxValue, trainer.Run(stopper, checkpoints, stop.Token));
    }

    private static byte[] Flip(byte[] content, int at, Prng random)
    {
        var copy = content.ToArray();
        copy[at] ^= (byte)(1 << random.NextInt32(8));
        return copy;
    }

    private static byte[] StateBytes(Trainer trainer) => [.. trainer.State().SelectMany(part => part.Flat.bytes.ToArray())];
}
