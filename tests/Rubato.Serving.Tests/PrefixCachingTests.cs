using CsCheck;

namespace Rubato.Serving.Tests;

public sealed class PrefixCachingTests
{
    private static SchedulerOptions Options => new()
    {
        BlockTokens = 4,
        KvBlocks = 100,
        TokenBudgetPerStep = 16,
        RunningMax = 8,
        ContextTokens = 200,
    };

    [Theory]
    [InlineData(3, 0)]
    [InlineData(4, 0)] // The last token of a prompt is always computed, and with it its block.
    [InlineData(5, 4)]
    [InlineData(8, 4)]
    [InlineData(9, 8)]
    [InlineData(50, 48)]
    public void A_prompt_seen_before_is_computed_from_its_first_block_that_is_not_full(int promptTokens, int cached)
    {
        var harness = new SchedulerHarness(Options);
        Admit(harness, id: 0, Prompt(promptTokens), outputTokensMax: 3);
        harness.RunToEnd();
        Admit(harness, id: 1, Prompt(promptTokens), outputTokensMax: 3);
        var first = harness.RunToEnd()[0].Slices[0];

        Assert.Equal(cached, first.Start);
        Assert.Equal(promptTokens - cached, harness.Scheduler.Snapshot.Counters.PromptTokens - promptTokens);
        Assert.Equal(0, harness.Finished[new(0)].CachedTokens);
        Assert.Equal(cached, harness.Finished[new(1)].CachedTokens);
        Assert.Equal(2 * promptTokens, harness.Scheduler.Snapshot.Counters.PrefixQueryTokens);
        Assert.Equal(cached, harness.Scheduler.Snapshot.Counters.PrefixHitTokens);
    }

    [Fact]
    public void An_answer_is_found_again_as_part_of_the_next_prompt()
    {
        var harness = new SchedulerHarness(Options);
        Admit(harness, id: 0, Prompt(10), outputTokensMax: 21);
        harness.RunToEnd();
        int[] next = [.. Prompt(10), .. harness.Outputs[new(0)], 7, 7, 7];
        Admit(harness, id: 1, next, outputTokensMax: 1);

        // 31 tokens were known and 30 of them fed: 7 blocks are full.
        Assert.Equal(28, harness.RunToEnd()[0].Slices[0].Start);
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(4, 16)]
    [InlineData(8, 16)]
    [InlineData(8, 4096)]
    public void The_choices_of_one_prompt_compute_it_once(int choices, int budget)
    {
        const int PromptTokens = 103;
        var options = Options;
        options.TokenBudgetPerStep = budget;
        var harness = new SchedulerHarness(options);
        for (var choice = 0; choice < choices; choice++)
        {
            Admit(harness, choice, Prompt(PromptTokens), outputTokensMax: 5);
        }

        var plans = harness.RunToEnd();

        // Each further choice feeds the 3 tokens that fill no block.
        var promptTokensFed = plans.SelectMany(plan => plan.Slices).Sum(slice => Math.Max(0, Math.Min(PromptTokens, slice.Start + slice.Tokens.Length) - slice.Start));
        Assert.Equal(PromptTokens + ((choices - 1) * 3), promptTokensFed);
        Assert.Equal(promptTokensFed, harness.Scheduler.Snapshot.Counters.PromptTokens);
        Assert.All(Enumerable.Range(1, choices - 1), choice => Assert.Equal(100, harness.Finished[new(choice)].CachedTokens));

        // While they run, the 25 full blocks of the prompt are there once.
        Assert.True(plans.Max(plan => plan.Slices.Length) == choices);
        var together = plans.First(plan => plan.Slices.Length == choices).Slices;
        Assert.Equal(25 + together.Sum(slice => slice.Blocks.Length - 25), together.SelectMany(slice => slice.Blocks).Distinct().Count());
    }

    [Fact]
    public void A_longer_prompt_follows_the_one_that_computes_its_beginning_only_as_far_as_they_agree()
    {
        // Twelve common tokens, three blocks: the second starts as soon as they are there, not when the first prompt is through.
        var harness = new SchedulerHarness(Options);
        Admit(harness, 0, [.. Prompt(12), .. Enumerable.Repeat(1, 88)], outputTokensMax: 1);
        Admit(harness, 1, [.. Prompt(12), .. Enumerable.Repeat(2, 20)], outputTokensMax: 1);

        Assert.Equal([new RequestId(0)], harness.Step().Slices.Select(slice => slice.Request));
        Assert.Equal(12, harness.RunToEnd().SelectMany(plan => plan.Slices).First(slice => slice.Request == new RequestId(1)).Start);
    }

    [Fact]
    public void Two_that_compute_the_same_come_to_share_it()
    {
        // Greedy twins: what they generate is equal too, block by block; each keeps a block of its own for what is not full.
        var harness = new SchedulerHarness(Options);
        Admit(harness, 0, Prompt(9), outputTokensMax: 40);
        Admit(harness, 1, Prompt(9), outputTokensMax: 40);
        for (var step = 0; step < 30; step++)
        {
            Step(harness, position => position);
        }

        var tables = harness.Scheduler.CaptureSequences().Select(sequence => (sequence.Blocks, Full: sequence.ComputedTokens / 4)).ToArray();
        var common = Math.Min(tables[0].Full, tables[1].Full);
        Assert.True(common > 5);
        Assert.Equal(tables[0].Blocks[..common], tables[1].Blocks[..common]);
        Assert.NotEqual(tables[0].Blocks[^1], tables[1].Blocks[^1]);
        harness.AssertMemory();
    }

    [Fact]
    public void Requests_of_different_salts_share_nothing()
    {
        var harness = new SchedulerHarness(Options);
        foreach (var (id, salt) in new[] { (0, "a"), (1, "b"), (2, ""), (3, "a") })
        {
            var request = new Request { Id = new(id), PromptTokens = [.. Prompt(20)], OutputTokensMax = 2, CacheSalt = salt };
            harness.Scheduler.Admit(request, harness.Tick());
        }

        harness.RunToEnd();
        Assert.Equal([0, 0, 0, 16], Enumerable.Range(0, 4).Select(id => harness.Finished[new(id)].CachedTokens));
    }

    [Fact]
    public void Switched_off_nothing_is_shared_or_kept()
    {
        var options = Options;
        options.PrefixCaching = false;
        var harness = new SchedulerHarness(options);
        for (var id = 0; id < 3; id++)
        {
            Admit(harness, id, Prompt(20), outputTokensMax: 2);
            harness.RunToEnd();
        }

        var snapshot = harness.Scheduler.Snapshot;
        Assert.Equal((60, 0, 0, 0), (snapshot.Counters.PromptTokens, snapshot.Counters.PrefixQueryTokens, snapshot.Counters.PrefixHitTokens, snapshot.CachedBlocks));
    }

    [Fact]
    public void A_preempted_sequence_gets_back_what_is_still_there()
    {
        var options = Options;
        (options.KvBlocks, options.ContextTokens) = (16, 64);
        var harness = new SchedulerHarness(options);
        for (var i = 0; i < 6; i++)
        {
            harness.Admit(10, 40);
        }

        foreach (var slice in harness.RunToEnd().SelectMany(plan => plan.Slices))
        {
            SchedulerHarness.AssertFeedsTrueTokens(slice);
        }

        var counters = harness.Scheduler.Snapshot.Counters;
        Assert.True(counters.Preemptions > 0 && counters.RestoredTokens > 0, $"{counters}");
        Assert.All(harness.Outputs, output => Assert.Equal(SchedulerHarness.Expected(output.Key, 10, 40), output.Value));
    }

    [Fact]
    public void Kept_content_gives_way_when_memory_is_needed_the_ends_of_the_oldest_first()
    {
        // 10 blocks: a first prompt leaves 5 full blocks, a second needs 7 of which 5 were never used.
        var options = Options;
        (options.KvBlocks, options.ContextTokens) = (10, 40);
        var harness = new SchedulerHarness(options);
        Admit(harness, 0, Prompt(20), outputTokensMax: 1);
        harness.RunToEnd();
        Assert.Equal((10, 5), (harness.Scheduler.Snapshot.FreeBlocks, harness.Scheduler.Snapshot.CachedBlocks));

        Admit(harness, 1, [.. Enumerable.Range(500, 27)], outputTokensMax: 1);
        harness.RunToEnd();
        Admit(harness, 2, Prompt(20), outputTokensMax: 1);
        harness.RunToEnd();

        Assert.Equal(12, harness.Finished[new(2)].CachedTokens);
    }

    [Fact]
    public void Whatever_prompts_share_every_request_ends_with_its_own_tokens()
    {
        var requests = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 24], Gen.Int[1, 30], Gen.Int[1, 12], Gen.Int[0, 1]).Array[1, 14];
        var cases = Gen.Select(Gen.Int[1, 6], Gen.Int[2, 24], Gen.Int[1, 6], Gen.Int[0, 30], requests, Gen.Int[0, 3]);
        var (hits, restored) = (0L, 0L);
        cases.Sample(
            (blockTokens, blocks, runningMax, extraBudget, drawn, stepsBetween) =>
            {
                var harness = new SchedulerHarness(new()
                {
                    BlockTokens = blockTokens,
                    KvBlocks = blocks,
                    RunningMax = runningMax,
                    TokenBudgetPerStep = runningMax + extraBudget,
                    ContextTokens = 48,
                });
                var sequences = new Dictionary<RequestId, int[]>();
                foreach (var (group, shared, prompt, output, salt) in drawn)
                {
                    // The tokens of a group are equal up to 'shared', which may lie in the output.
                    var id = new RequestId(sequences.Count);
                    int[] tokens = [.. Enumerable.Range(0, prompt + output).Select(i => i < shared ? Token(1000 + group, i) : Token(id.Value, i))];
                    var request = new Request { Id = id, PromptTokens = [.. tokens[..prompt]], OutputTokensMax = output, CacheSalt = $"{salt}" };
                    if (harness.Scheduler.Admit(request, harness.Tick()) == AdmissionOutcome.Admitted)
                    {
                        sequences.Add(id, tokens);
                    }

                    for (var step = 0; step < stepsBetween && harness.Scheduler.NextWakeup is not null; step++)
                    {
                        Step(harness, sequences);
                    }
                }

                while (harness.Scheduler.NextWakeup is not null)
                {
                    Step(harness, sequences);
                }

                Assert.Equal(sequences.Count, harness.Finished.Count);
                Assert.All(sequences, sequence => Assert.Equal(sequence.Value[^harness.Finished[sequence.Key].OutputTokens..], harness.Outputs[sequence.Key]));
                Assert.Equal((blocks, 0), (harness.Scheduler.Snapshot.FreeBlocks, harness.Scheduler.Snapshot.BlockReferences));
                Interlocked.Add(ref hits, harness.Scheduler.Snapshot.Counters.PrefixHitTokens);
                Interlocked.Add(ref restored, harness.Scheduler.Snapshot.Counters.RestoredTokens);
            },
            iter: FuzzScale.Times(2_000));
        Assert.True(hits > 1_000 && restored > 1_000, $"{hits} tokens hit, {restored} restored: the cases are too tame");
    }

    private static int Token(long key, int position) => SchedulerHarness.TokenAt(new(key), position);

    private static int[] Prompt(int tokens) => [.. SchedulerHarness.Expected(new(99), 0, tokens)];

    private static void Admit(SchedulerHarness harness, long id, int[] prompt, int outputTokensMax)
    {
        var request = new Request { Id = new(id), PromptTokens = [.. prompt], OutputTokensMax = outputTokensMax };
        Assert.Equal(AdmissionOutcome.Admitted, harness.Scheduler.Admit(request, harness.Tick()));
    }

    private static void Step(SchedulerHarness harness, Func<int, int> tokenAt)
    {
        var plan = harness.Plan();
        var tokens = plan.Slices.Where(slice => slice.Samples).Select(slice => new SampledToken(slice.Request, tokenAt(slice.Start + slice.Tokens.Length)));
        harness.Scheduler.Complete(plan, new([.. tokens]), harness.Tick());
    }

    private static void Step(SchedulerHarness harness, Dictionary<RequestId, int[]> sequences)
    {
        var plan = harness.Plan();
        foreach (var slice in plan.Slices)
        {
            Assert.Equal(sequences[slice.Request].AsSpan(slice.Start, slice.Tokens.Length).ToArray(), slice.Tokens);
        }

        var sampled = plan.Slices.Where(slice => slice.Samples)
            .Select(slice => new SampledToken(slice.Request, sequences[slice.Request][slice.Start + slice.Tokens.Length]));
        harness.Absorb(harness.Scheduler.Complete(plan, new([.. sampled]), harness.Tick()));
        harness.AssertMemory();
    }
}
