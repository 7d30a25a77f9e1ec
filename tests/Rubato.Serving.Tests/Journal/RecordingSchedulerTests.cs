using Rubato.Core;
using Rubato.Serving.Journal;

namespace Rubato.Serving.Tests.Journal;

public sealed class RecordingSchedulerTests
{
    [Fact]
    public void Every_call_becomes_one_line()
    {
        using var stream = new MemoryStream();
        using (var scheduler = new RecordingScheduler(new(new()), stream))
        {
            var request = SchedulerHarness.Request(1, 3, 2);
            scheduler.Admit(request, new(1));
            scheduler.Cancel(new(8), new(2));
            var plan = scheduler.Plan(new(3));
            scheduler.Complete(plan, SchedulerHarness.Execute(plan), new(4));
            scheduler.Shutdown(ShutdownMode.CancelAdmitted, new(5));
            Assert.Null(scheduler.Failure);
        }

        stream.Position = 0;
        var reader = new JournalReader(stream);
        var types = new List<Type>();
        while (reader.Read() is { } entry)
        {
            types.Add(entry.GetType());
            Assert.Equal(types.Count, entry.At.Nanoseconds);
        }

        Assert.Equal([typeof(AdmitEntry), typeof(CancelEntry), typeof(PlanEntry), typeof(CompleteEntry), typeof(ShutdownEntry)], types);
    }

    [Theory]
    [InlineData(false)] // a full disk
    [InlineData(true)] // a limit on the size of files, which the base library reports in another way
    public void A_stream_that_fails_stops_the_recording_and_not_the_scheduler(bool limit)
    {
        using var stream = new FullStream(capacity: 600, limit ? new ArgumentOutOfRangeException(null, "full") : new IOException("full"));
        using var scheduler = new RecordingScheduler(new(new()), stream);
        scheduler.Admit(SchedulerHarness.Request(1, 3, 20), new(0));
        var tokens = 0;
        while (scheduler.NextWakeup is { } now)
        {
            var plan = scheduler.Plan(now);
            tokens += scheduler.Complete(plan, SchedulerHarness.Execute(plan), now).Emitted.Length;
        }

        Assert.Equal(20, tokens);
        Assert.Equal("full", scheduler.Failure?.Message);
        Assert.True(stream.Length <= 600);
    }

    [Fact]
    public void A_recording_starts_before_the_first_input()
    {
        var scheduler = new Scheduler(new());
        scheduler.Admit(SchedulerHarness.Request(1, 3, 20), new(0));
        Assert.Throws<InvariantViolationException>(() => new RecordingScheduler(scheduler, Stream.Null));
    }

    private sealed class FullStream(int capacity, Exception failure) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Length + buffer.Length > capacity)
            {
                throw failure;
            }

            base.Write(buffer);
        }
    }
}
