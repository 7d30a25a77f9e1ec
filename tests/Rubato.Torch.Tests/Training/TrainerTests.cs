using Rubato.Core;
using Rubato.LearningRates.Schedules;
using Rubato.Torch.Data;
using Rubato.Torch.Llama;
using Rubato.Torch.Training;
using static TorchSharp.torch;

namespace Rubato.Torch.Tests.Training;

public sealed class TrainerTests
{
    [Fact]
    public void Learns_a_short_text_by_heart()
    {
        using var model = Small.Model();
        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("250steps"), TimeProvider.System);
        var seen = new RecordingObserver();
        Assert.True(trainer.Run(seen, null, CancellationToken.None));
        Assert.Equal(250, seen.Updates.Count);
        Assert.InRange(seen.Updates[0].Loss, 5, 6.5);
        Assert.InRange(seen.Losses.TakeLast(20).Average(), 0, 0.5);
    }

    [Fact]
    public void Memory_is_steady()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers(); // What other tests left behind must not vanish in the middle.
        using var model = Small.Model();
        var validation = new ValidationText(Small.Packed(1), Small.Tokenizer, 16, 2);
        var options = Small.Options("200steps") with { Accumulate = 2 };
        using var trainer = new Trainer(model, Small.Rows(), validation, options, TimeProvider.System);
        var alive = new List<long>();
        _ = trainer.Run(new RecordingObserver(_ => alive.Add(Tensor.TotalCount)), null, CancellationToken.None);
        Assert.Equal(alive[1], alive[199]);
    }

    [Theory]
    [InlineData("40steps", "rex | warmup(10%)")]
    [InlineData("40steps", "uba(phi=3.7) | warmup(3 steps)")]
    [InlineData("2560tokens", "uba(phi=3.7) | momentum(cosine, max=0.95, min=0.8)")]
    [InlineData("2560tokens", "onecycle | weight-decay(linear, max=0.3)")]
    public void Every_update_has_the_scheduled_values(string budget, string text)
    {
        using var model = Small.Model();
        var options = Small.Options(budget) with { Schedule = Schedule.Parse(text) };
        using var trainer = new Trainer(model, Small.Rows(), null, options, TimeProvider.System);
        var seen = new RecordingObserver();
        _ = trainer.Run(seen, null, CancellationToken.None);
        var bound = options.Schedule.Bind(40);
        Assert.Equal(40, trainer.Updates);
        Assert.Equal(40, seen.Updates.Count);
        Assert.All(seen.Updates.Index(), update =>
        {
            Assert.Equal(update.Index / 40.0, update.Item.Progress, 1e-12);
            Assert.Equal(options.LearningRate * bound.At(update.Index), update.Item.LearningRate, 1e-15);
            Assert.Equal((bound.MomentumAt(update.Index), bound.WeightDecayAt(update.Index)), (update.Item.Momentum, update.Item.WeightDecay));
        });
    }

    [Theory]
    [InlineData("rex | momentum(constant, max=0.5, min=0)")]
    [InlineData("rex | weight-decay(constant, max=3)")]
    public void Scheduled_momentum_and_decay_reach_the_weights(string text)
    {
        using var plain = Small.Model();
        using var scheduled = Small.Model();
        Train(plain, "rex");
        Train(scheduled, text);
        Assert.False(plain.Parameters.Values.equal(scheduled.Parameters.Values).all().item<bool>());

        static void Train(LlamaModule model, string text)
        {
            using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("4steps") with { Schedule = Schedule.Parse(text) }, TimeProvider.System);
            Assert.True(trainer.Run(new RecordingObserver(), null, CancellationToken.None));
        }
    }

    [Fact]
    public void Recorded_norms_are_those_before_clipping_and_change_nothing()
    {
        using var plain = Small.Model();
        using var recorded = Small.Model();
        var options = Small.Options("10steps") with { GradientClip = 1e-3, Accumulate = 2 };
        using var first = new Trainer(plain, Small.Rows(), null, options, TimeProvider.System);
        using var second = new Trainer(recorded, Small.Rows(), null, options with { RecordNorms = true }, TimeProvider.System);
        for (var i = 0; i < 10; i++)
        {
            var (a, b) = (first.Update(), second.Update());
            Assert.Equal(a.GradientNorm, b.GradientNorm, a.GradientNorm * 1e-5);
            Assert.Null(a.GradientL1);
            Assert.InRange(b.GradientL1!.Value, b.GradientNorm, b.GradientNorm * Math.Sqrt(recorded.Parameters.Count));
            Assert.True(b.GradientNorm > 10 * options.GradientClip);
        }
    }

    [Theory]
    [InlineData("1000tokens", 16)]
    [InlineData("2epochs", null)]
    public void Budgets_of_tokens_and_epochs_end_with_the_update_that_spends_them(string budget, int? updates)
    {
        using var model = Small.Model();
        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options(budget), TimeProvider.System);
        var seen = new RecordingObserver();
        Assert.True(trainer.Run(seen, null, CancellationToken.None));
        Assert.Equal(updates ?? (int)Math.Ceiling(2.0 * Small.Rows().RowsPerEpoch / 4), seen.Updates.Count);
    }

    [Fact]
    public void A_budget_of_time_ends_within_one_update()
    {
        using var model = Small.Model();
        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("10s"), new SteppingClock(TimeSpan.FromMilliseconds(700)));
        var seen = new RecordingObserver();
        Assert.True(trainer.Run(seen, null, CancellationToken.None));
        var last = seen.Updates[^1].At.Elapsed - seen.Updates[^2].At.Elapsed;
        Assert.InRange(trainer.Progress.Elapsed.Seconds, 10, 10 + last.Seconds);
    }

    [Fact]
    public void Two_passes_of_half_a_batch_make_the_same_update_as_one()
    {
        using var whole = Small.Model();
        using var halves = Small.Model();
        using var trainerOfWhole = new Trainer(whole, Small.Rows(), null, Small.Options("5steps"), TimeProvider.System);
        var inHalves = Small.Options("5steps") with { Batch = 2, Accumulate = 2 };
        using var trainerOfHalves = new Trainer(halves, Small.Rows(), null, inHalves, TimeProvider.System);
        for (var i = 0; i < 5; i++)
        {
            var (a, b) = (trainerOfWhole.Update(), trainerOfHalves.Update());
            Assert.Equal(a.Loss, b.Loss, 1e-4);
            Assert.Equal(a.GradientNorm, b.GradientNorm, 1e-3);
        }
    }

    [Fact]
    public void Held_out_text_is_measured_as_often_as_asked()
    {
        using var model = Small.Model();
        var validation = new ValidationText(Small.Packed(1), Small.Tokenizer, 16, 2);
        var options = Small.Options("30steps") with { Validations = 5 };
        using var trainer = new Trainer(model, Small.Rows(), validation, options, TimeProvider.System);
        var seen = new RecordingObserver();
        _ = trainer.Run(seen, null, CancellationToken.None);
        Assert.Equal([6, 12, 18, 24, 30], seen.Validations.Select(v => v.At.Steps));
        Assert.True(seen.Validations[^1].Result.Loss < seen.Validations[0].Result.Loss);
        Assert.All(seen.Validations, v => Assert.Equal(
            v.Result.Loss * v.Result.Tokens / Math.Log(2) / v.Result.Bytes, v.Result.BitsPerByte, 1e-9));
    }

    [Fact]
    public void A_diverged_run_says_so()
    {
        using var model = Small.Model();
        using (no_grad())
        {
            model.Parameters.Values.fill_(float.NaN);
        }

        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("5steps"), TimeProvider.System);
        Assert.Contains("diverged at update 1", Assert.Throws<RubatoException>(() => trainer.Update()).Message, StringComparison.Ordinal);
    }
}
