namespace Rubato.Serving.Tests;

public sealed class SchedulerCancellationTests
{
    private static SchedulerHarness Harness() => new(new()
    {
        BlockTokens = 4,
        KvBlocks = 10,
        TokenBudgetPerStep = 8,
        RunningMax = 2,
        ContextTokens = 40,
    });

    [Fact]
    public void A_waiting_request_leaves_at_once_and_is_reported_by_the_next_completion()
    {
        var harness = Harness();
        var id = harness.Admit(4, 4);

        Assert.True(harness.Scheduler.Cancel(id, harness.Tick()));

        Assert.Equal(0, harness.Scheduler.Snapshot.Waiting);
        Assert.NotNull(harness.Scheduler.NextWakeup);
        Assert.Empty(harness.Step().Slices);
        Assert.Equal(new FinishedRequest(id, FinishReason.Cancelled, 0), harness.Finished[id]);
        Assert.Null(harness.Scheduler.NextWakeup);
    }

    [Fact]
    public void A_running_request_between_steps_frees_its_blocks_at_once()
    {
        var harness = Harness();
        var id = harness.Admit(4, 4);
        harness.Step();
        Assert.Equal(9, harness.Scheduler.Snapshot.FreeBlocks);

        Assert.True(harness.Scheduler.Cancel(id, harness.Tick()));

        Assert.Equal(10, harness.Scheduler.Snapshot.FreeBlocks);
        harness.Step();
        Assert.Equal(new FinishedRequest(id, FinishReason.Cancelled, 1), harness.Finished[id]);
    }

    [Fact]
    public void A_request_in_flight_keeps_its_blocks_until_that_step_completes_and_emits_nothing_more()
    {
        var harness = Harness();
        var id = harness.Admit(4, 4);
        harness.Step();
        var plan = harness.Plan();
        var free = harness.Scheduler.Snapshot.FreeBlocks;

        Assert.True(harness.Scheduler.Cancel(id, harness.Tick()));
        Assert.Equal(free, harness.Scheduler.Snapshot.FreeBlocks);

        var completion = harness.Complete(plan);
        Assert.Empty(completion.Emitted);
        Assert.Equal([new FinishedRequest(id, FinishReason.Cancelled, 1)], completion.Finished);
        Assert.Equal(10, harness.Scheduler.Snapshot.FreeBlocks);
    }

    [Fact]
    public void Only_the_first_cancellation_of_a_live_request_counts()
    {
        var harness = Harness();
        var id = harness.Admit(4, 4);
        var plan = harness.Plan();

        Assert.True(harness.Scheduler.Cancel(id, harness.Tick()));
        Assert.False(harness.Scheduler.Cancel(id, harness.Tick()));
        harness.Complete(plan);
        Assert.False(harness.Scheduler.Cancel(id, harness.Tick()));
        Assert.False(harness.Scheduler.Cancel(new(99), harness.Tick()));
        Assert.Equal(1, harness.Scheduler.Snapshot.Counters.Cancelled);
    }

    [Fact]
    public void Shutdown_refuses_new_requests_and_finishes_the_admitted()
    {
        var harness = Harness();
        var id = harness.Admit(4, 4);

        harness.Scheduler.Shutdown(ShutdownMode.FinishAdmitted, harness.Tick());

        Assert.Equal(AdmissionOutcome.ShuttingDown, harness.Scheduler.Admit(SchedulerHarness.Request(9, 2, 2), harness.Tick()));
        harness.RunToEnd();
        Assert.Equal(new FinishedRequest(id, FinishReason.Length, 4), harness.Finished[id]);
    }

    [Fact]
    public void Shutdown_by_cancelling_frees_everything_within_one_step()
    {
        var harness = Harness();
        var ids = Enumerable.Range(0, 5).Select(_ => harness.Admit(4, 20)).ToArray();
        harness.Step();
        var plan = harness.Plan();

        harness.Scheduler.Shutdown(ShutdownMode.FinishAdmitted, harness.Tick());
        harness.Scheduler.Shutdown(ShutdownMode.CancelAdmitted, harness.Tick());
        harness.Complete(plan);

        Assert.Equal(ids, harness.Finished.Keys.Order());
        Assert.All(harness.Finished.Values, request => Assert.Equal(FinishReason.Cancelled, request.Reason));
        Assert.Equal(10, harness.Scheduler.Snapshot.FreeBlocks);
        Assert.Null(harness.Scheduler.NextWakeup);
    }
}
