using CsCheck;
using Rubato.Core;
using Rubato.Serving.Fairness;

namespace Rubato.Serving.Tests;

public sealed class SchedulerPreemptionTests
{
    [Fact]
    public void A_preempted_sequence_is_readmitted_with_the_right_positions_tokens_and_blocks()
    {
        // Two sequences of 4 + 20 tokens need 6 blocks each; the pool has 8.
        var harness = new SchedulerHarness(new()
        {
            BlockTokens = 4,
            KvBlocks = 8,
            TokenBudgetPerStep = 8,
            RunningMax = 4,
            ContextTokens = 64,
            PrefixCaching = false,
        });
        var first = harness.Admit(4, 20);
        var second = harness.Admit(4, 20);

        var plans = harness.RunToEnd();

        var preemption = Assert.Single(plans, plan => plan.Preempted.Length > 0);
        Assert.Equal([second], preemption.Preempted);
        var slices = plans
            .SelectMany(plan => plan.Slices.Select(slice => (plan.Step, Slice: slice)))
            .Where(pair => pair.Slice.Request == second)
            .ToArray();
        var generatedBefore = slices.Count(pair => pair.Step < preemption.Step && pair.Slice.Samples);
        var readmission = slices.First(pair => pair.Step > preemption.Step).Slice;
        Assert.Equal(0, readmission.Start);
        Assert.Equal((4 + generatedBefore + 3) / 4, readmission.Blocks.Length);
        foreach (var slice in plans.SelectMany(plan => plan.Slices))
        {
            SchedulerHarness.AssertFeedsTrueTokens(slice);
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
        var harness = new SchedulerHarness(new()
        {
            BlockTokens = 2,
            KvBlocks = 20,
            TokenBudgetPerStep = 4,
            RunningMax = 4,
            ContextTokens = 40,
        });
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
        var harness = new SchedulerHarness(new()
        {
            BlockTokens = 4,
            KvBlocks = 8,
            TokenBudgetPerStep = 16,
            RunningMax = 4,
            ContextTokens = 32,
        });
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

    [Theory]
    [InlineData(4, false)]
    [InlineData(3, true)]
    public void A_sequence_is_not_admitted_into_memory_that_the_running_need_next(int promptTokens, bool later)
    {
        // 10 blocks of one token. The first holds 5 and may grow, the second needs 4 and may grow: 4 + 2 are more than 5.
        // A step later the first holds 6: 3 + 2 are more than 4.
        var options = new SchedulerOptions { BlockTokens = 1, KvBlocks = 10, TokenBudgetPerStep = 16, RunningMax = 4, ContextTokens = 10 };
        var harness = new SchedulerHarness(options);
        harness.Admit(5, 5);
        if (later)
        {
            harness.Step();
        }

        harness.Admit(promptTokens, 5);

        Assert.All(harness.RunToEnd(), plan => Assert.Single(plan.Slices));
        Assert.Equal(0, harness.Scheduler.Snapshot.Counters.Preemptions);
    }

    [Fact]
    public void A_sequence_that_cannot_grow_needs_no_memory_beyond_its_own()
    {
        var harness = new SchedulerHarness(new()
        {
            BlockTokens = 1,
            KvBlocks = 10,
            TokenBudgetPerStep = 16,
            RunningMax = 4,
            ContextTokens = 10,
        });
        harness.Admit(5, 1);
        harness.Admit(5, 1);

        Assert.Equal(2, Assert.Single(harness.RunToEnd()).Slices.Length);
    }

    [Fact]
    public void Whatever_the_policy_the_first_of_the_running_moves_on_and_a_step_that_preempted_admits_nobody()
    {
        var preemptions = 0L;
        for (var seed = 0UL; seed < 200; seed++)
        {
            var options = new SchedulerOptions { BlockTokens = 1, KvBlocks = 24, TokenBudgetPerStep = 8, RunningMax = 8, ContextTokens = 24 };
            var prng = new Prng(seed);
            var harness = new SchedulerHarness(options, new RandomPolicy(prng.Split("policy")));
            for (var i = 0; i < 10; i++)
            {
                harness.Admit(1 + prng.NextInt32(8), 1 + prng.NextInt32(16));
            }

            AssertOrderly(harness);
            preemptions += harness.Scheduler.Snapshot.Counters.Preemptions;
        }

        Assert.True(preemptions > 200, $"only {preemptions} preemptions");
    }

    private static void AssertOrderly(SchedulerHarness harness)
    {
        var running = new HashSet<RequestId>();
        while (harness.Scheduler.NextWakeup is not null)
        {
            var first = harness.Scheduler.CaptureSequences().FirstOrDefault(sequence => sequence.Phase == SequencePhase.Running);
            var plan = harness.Plan();
            var sliced = plan.Slices.Select(slice => slice.Request).ToArray();
            Assert.True(first is null || sliced.Contains(first.Id), $"step {plan.Step} does nothing for {first?.Id}");
            running.ExceptWith(plan.Preempted);
            Assert.True(plan.Preempted.Length == 0 || running.IsSupersetOf(sliced), $"step {plan.Step} preempts and admits");
            running.UnionWith(sliced);
            running.ExceptWith(harness.Complete(plan).Finished.Select(request => request.Id));
        }
    }

    [Fact]
    public void However_small_the_pool_every_request_ends_with_its_own_tokens()
    {
        var lengths = Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20]);
        var cases = Gen.Select(Gen.Int[1, 5], Gen.Int[2, 12], Gen.Int[1, 6], Gen.Int[0, 10], lengths.Array[1, 12], Gen.Bool);
        cases.Sample(
            (blockTokens, blocks, runningMax, extraBudget, requests, caching) =>
            {
                var harness = new SchedulerHarness(new()
                {
                    BlockTokens = blockTokens,
                    KvBlocks = blocks,
                    RunningMax = runningMax,
                    TokenBudgetPerStep = runningMax + extraBudget,
                    ContextTokens = 40,
                    PrefixCaching = caching,
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
                    var expected = SchedulerHarness.Expected(request.Id, request.PromptTokens.Length, request.OutputTokensMax);
                    Assert.Equal(expected, harness.Outputs[request.Id]);
                }

                Assert.Equal(blocks, harness.Scheduler.Snapshot.FreeBlocks);
            },
            iter: FuzzScale.Times(2_000));
    }

    /// <summary>The first to arrive first, the others in any order: those on the device before those that wait.</summary>
    private sealed class RandomPolicy(Prng prng) : IServicePolicy
    {
        private readonly Queue<IScheduledSequence> _offers = new();

        public string Name => "random";

        public void Arrived(IScheduledSequence sequence, Instant now)
        {
        }

        public void BeginSelection(IReadOnlyList<IScheduledSequence> live, long iteration, Instant now)
        {
            _offers.Clear();
            var first = live.FirstOrDefault(sequence => sequence.IsResident) ?? live[0];
            foreach (var sequence in live.OrderBy(sequence => (sequence != first, !sequence.IsResident, prng.NextUInt64())))
            {
                _offers.Enqueue(sequence);
            }
        }

        public IScheduledSequence? Next() => _offers.TryDequeue(out var next) ? next : null;

        public void Take(IScheduledSequence sequence)
        {
        }

        public void Served(IScheduledSequence sequence, int promptTokens, int outputTokens, Instant now)
        {
        }

        public void Left(IScheduledSequence sequence, Instant now)
        {
        }
    }
}
