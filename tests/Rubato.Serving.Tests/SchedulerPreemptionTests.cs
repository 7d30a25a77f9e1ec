using CsCheck;

namespace Rubato.Serving.Tests;

public sealed class SchedulerPreemptionTests
{
    [Fact]
    public void A_preempted_sequence_is_readmitted_with_the_right_positions_tokens_and_blocks()
    {
        // Two sequences of 4 + 20 tokens need 6 blocks each; the pool has 8.
        var harness = new SchedulerHarness(new() { BlockTokens = 4, KvBlocks = 8, TokenBudgetPerStep = 8, RunningMax = 4, ContextTokens = 64 });
        var first = harness.Admit(4, 20);
        var second = harness.Admit(4, 20);

        var plans = harness.RunToEnd();

        var preemption = Assert.Single(plans, plan => plan.Preempted.Length > 0);
        Assert.Equal([second], preemption.Preempted);
        var generatedBefore = plans.TakeWhile(plan => plan != preemption).SelectMany(plan => plan.Slices).Count(slice => slice.Request == second && slice.Samples);
        var readmission = plans.SkipWhile(plan => plan != preemption).SelectMany(plan => plan.Slices).First(slice => slice.Request == second);
        Assert.Equal(0, readmission.Start);
        Assert.Equal((4 + generatedBefore + 3) / 4, readmission.Blocks.Length);
        foreach (var slice in plans.SelectMany(plan => plan.Slices))
        {
            Assert.Equal(Enumerable.Range(slice.Start, slice.Tokens.Length).Select(position => SchedulerHarness.TokenAt(slice.Request, position)), slice.Tokens);
        }

        Assert.Equal(SchedulerHarness.Expected(first, 4, 20), harness.Outputs[first]);
        Assert.Equal(SchedulerHarness.Expected(second, 4, 20), harness.Outputs[second]);
        Assert.Equal(1, harness.Scheduler.Snapshot.Counters.Preemptions);
        Assert.Equal(4 + generatedBefore - 1, harness.Scheduler.Snapshot.Counters.RecomputedTokens);
    }

    [Fact]
    public void Preempting_and_readmitting_does_not_livelock()
    {
        // Chunks of 4 tokens would fit long before the whole context does: the trap is to admit by the chunk's size only.
        var harness = new SchedulerHarness(new() { BlockTokens = 2, KvBlocks = 20, TokenBudgetPerStep = 4, RunningMax = 4, ContextTokens = 40 });
        for (var i = 0; i < 8; i++)
        {
            harness.Admit(16, 24);
        }

        harness.RunToEnd(stepsMax: 8 * (40 / 4 + 24) * 4);

        Assert.Equal(8, harness.Finished.Count);
        Assert.All(harness.Finished.Values, request => Assert.Equal(24, request.OutputTokens));
    }

    [Fact]
    public void A_preempted_sequence_keeps_its_place_in_the_queue()
    {
        var harness = new SchedulerHarness(new() { BlockTokens = 4, KvBlocks = 8, TokenBudgetPerStep = 16, RunningMax = 4, ContextTokens = 32 });
        harness.Admit(4, 20);
        var second = harness.Admit(4, 20);
        while (harness.Scheduler.Snapshot.Counters.Preemptions == 0)
        {
            harness.Step();
        }

        var third = harness.Admit(1, 1);
        var order = harness.RunToEnd().SelectMany(plan => plan.Slices).Select(slice => slice.Request).Distinct().ToList();

        Assert.True(order.IndexOf(second) < order.IndexOf(third));
    }

    [Fact]
    public void However_small_the_pool_every_request_ends_with_its_own_tokens()
    {
        var cases = Gen.Select(Gen.Int[1, 5], Gen.Int[2, 12], Gen.Int[1, 6], Gen.Int[0, 10], Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20]).Array[1, 12]);
        cases.Sample(
            (blockTokens, blocks, runningMax, extraBudget, requests) =>
            {
                var harness = new SchedulerHarness(new()
                {
                    BlockTokens = blockTokens,
                    KvBlocks = blocks,
                    RunningMax = runningMax,
                    TokenBudgetPerStep = runningMax + extraBudget,
                    ContextTokens = 40,
                });
                var admitted = new List<Request>();
                foreach (var (prompt, output) in requests)
                {
                    var request = SchedulerHarness.Request(admitted.Count, prompt, output);
                    if (harness.Scheduler.Admit(request, harness.Tick()) == AdmissionOutcome.Admitted)
                    {
                        admitted.Add(request);
                    }
                }

                harness.RunToEnd();
                Assert.Equal(admitted.Count, harness.Finished.Count);
                foreach (var request in admitted)
                {
                    Assert.Equal(SchedulerHarness.Expected(request.Id, request.PromptTokens.Length, request.OutputTokensMax), harness.Outputs[request.Id]);
                }

                Assert.Equal(blocks, harness.Scheduler.Snapshot.FreeBlocks);
            },
            iter: 2_000 * FuzzScale.Value);
    }
}
