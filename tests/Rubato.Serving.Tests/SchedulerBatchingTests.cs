using Rubato.Core;

namespace Rubato.Serving.Tests;

public sealed class SchedulerBatchingTests
{
    private static SchedulerOptions Options => new()
    {
        BlockTokens = 4,
        KvBlocks = 100,
        TokenBudgetPerStep = 8,
        RunningMax = 8,
        ContextTokens = 400,
    };

    [Fact]
    public void A_prompt_is_fed_in_chunks_of_the_budget_and_samples_at_its_end_only()
    {
        var harness = new SchedulerHarness(Options);
        var id = harness.Admit(promptTokens: 20, outputTokensMax: 2);

        var plans = harness.RunToEnd();

        Assert.Equal(
            [(0, 8, false), (8, 8, false), (16, 4, true), (20, 1, true)],
            plans.SelectMany(plan => plan.Slices).Select(slice => (slice.Start, slice.Tokens.Length, slice.Samples)));
        Assert.Equal(SchedulerHarness.Expected(id, 20, 2), harness.Outputs[id]);
        Assert.Equal(new FinishedRequest(id, FinishReason.Length, 2), harness.Finished[id]);
    }

    [Fact]
    public void Decodes_come_first_and_prefill_takes_what_is_left_of_the_budget()
    {
        var harness = new SchedulerHarness(Options);
        var decoding = harness.Admit(3, 20);
        harness.Step();
        var prefilling = harness.Admit(30, 1);

        // The first plan admits the prefill, the second continues it.
        foreach (var plan in new[] { harness.Step(), harness.Step() })
        {
            Assert.Equal([(decoding, 1), (prefilling, 7)], plan.Slices.Select(slice => (slice.Request, slice.Tokens.Length)));
            Assert.Equal(8, plan.TokenCount);
        }
    }

    [Fact]
    public void Every_generated_token_is_fed_back_at_its_position()
    {
        var harness = new SchedulerHarness(Options);
        for (var i = 0; i < 6; i++)
        {
            harness.Admit(promptTokens: 1 + 5 * i, outputTokensMax: 3 + 4 * i);
        }

        foreach (var slice in harness.RunToEnd().SelectMany(plan => plan.Slices))
        {
            SchedulerHarness.AssertFeedsTrueTokens(slice);
            Assert.True(slice.Blocks.Length * 4 >= slice.Start + slice.Tokens.Length);
        }

        Assert.Equal(6, harness.Finished.Count);
    }

    [Fact]
    public void A_stop_token_ends_a_request_and_is_its_last_token()
    {
        var harness = new SchedulerHarness(Options);
        var request = SchedulerHarness.Request(7, 3, 50) with { StopTokens = [SchedulerHarness.TokenAt(new(7), 5)] };
        harness.Scheduler.Admit(request, harness.Tick());

        harness.RunToEnd();

        Assert.Equal(new FinishedRequest(request.Id, FinishReason.Stop, 3), harness.Finished[request.Id]);
        Assert.Equal(SchedulerHarness.Expected(request.Id, 3, 3), harness.Outputs[request.Id]);
    }

    [Fact]
    public void The_host_ends_a_request_at_a_stop_string()
    {
        var harness = new SchedulerHarness(Options);
        var id = harness.Admit(3, 50);
        harness.Step();

        harness.Complete(harness.Plan(), ending: id);

        Assert.Equal(new FinishedRequest(id, FinishReason.Stop, 2), harness.Finished[id]);
        Assert.Equal(100, harness.Scheduler.Snapshot.FreeBlocks);
    }

    [Fact]
    public void The_count_of_running_sequences_is_bounded_and_order_is_first_come_first_served()
    {
        var options = Options;
        options.RunningMax = 2;
        var harness = new SchedulerHarness(options);
        var ids = Enumerable.Range(0, 10).Select(_ => harness.Admit(2, 3)).ToArray();

        var plans = harness.RunToEnd();

        Assert.All(plans, plan => Assert.True(plan.Slices.Length <= 2));
        var firstSeen = plans.SelectMany(plan => plan.Slices).Select(slice => slice.Request).Distinct();
        Assert.Equal(ids, firstSeen);
    }

    [Fact]
    public void An_idle_scheduler_wants_no_wakeup_and_plans_nothing()
    {
        var harness = new SchedulerHarness(Options);

        Assert.Null(harness.Scheduler.NextWakeup);
        Assert.Empty(harness.Step().Slices);
        Assert.Null(harness.Scheduler.NextWakeup);
    }

    [Fact]
    public void A_wakeup_is_wanted_at_once_when_there_is_work_and_none_while_a_plan_is_outstanding()
    {
        var harness = new SchedulerHarness(Options);
        harness.Admit(3, 2);

        Assert.Equal(new Instant(1), harness.Scheduler.NextWakeup);
        var plan = harness.Plan();
        Assert.Null(harness.Scheduler.NextWakeup);
        harness.Complete(plan);
        Assert.Equal(new Instant(3), harness.Scheduler.NextWakeup);
    }
}
