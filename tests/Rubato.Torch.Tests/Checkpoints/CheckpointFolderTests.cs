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
    public void Damaged_files_are_refused_in_one_line()
    {
        using var model = Small.Model();
        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("100steps"), TimeProvider.System);
        var checkpoints = new CheckpointFolder(_folder, Recipe);
        checkpoints.Save(trainer);
        var good = File.ReadAllBytes(checkpoints.FilePath);
        var header = 8 + BitConverter.ToInt32(good);
        var random = new Prng(4);
        var refused = 0;
        for (var trial = 0; trial < 300 * Scale(); trial++)
        {
            var bad = random.Chance(1, 2) ? good[..random.NextInt32(good.Length)] : Flip(good, random.NextInt32(header), random);
            File.WriteAllBytes(checkpoints.FilePath, bad);
            try
            {
                checkpoints.Load(trainer); // A changed byte inside a name or a number may still make a sound header.
            }
            catch (RubatoException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
            }
        }

        Assert.True(refused > 150);
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

    private static int Scale() =>
        int.TryParse(Environment.GetEnvironmentVariable("RUBATO_FUZZ_SCALE"), out var scale) ? Math.Max(scale, 1) : 1;

    private sealed class SmallDisk(Stream inner, long room) : Stream
    {
        private long _left = room;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var fits = (int)Math.Min(buffer.Length, _left);
            inner.Write(buffer[..fits]);
            _left -= fits;
            if (fits < buffer.Length)
            {
                throw new IOException("No space left on device");
            }
        }
    }
}
