using CsCheck;

namespace Rubato.Serving.Tests;

/// <summary>Requests for hidden states: the prompt is fed in chunks like any other, and the request ends with it, without output.</summary>
public sealed class SchedulerHiddenStateTests
{
    [Fact]
    public void Every_position_is_fed_once_and_wanted_once_and_the_request_ends_without_a_token() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 12], Gen.Bool, Gen.Int[0, 3]).Sample((prompt, budget, all, others) =>
        {
            var use = all ? HiddenStateUse.All : HiddenStateUse.Last;
            var harness = new SchedulerHarness(new() { BlockTokens = 4, KvBlocks = 40, TokenBudgetPerStep = Math.Max(budget, 4), RunningMax = 4, WaitingMax = 9, ContextTokens = 200 });
            var request = SchedulerHarness.Request(1, prompt, 0) with { HiddenStates = use };
            for (var i = 0; i < others; i++)
            {
                Assert.Equal(AdmissionOutcome.Admitted, harness.Scheduler.Admit(SchedulerHarness.Request(10 + i, 3, 5), harness.Tick()));
            }

            Assert.Equal(AdmissionOutcome.Admitted, harness.Scheduler.Admit(request, harness.Tick()));
            var (fed, wanted, ended) = (0, 0, false);
            while (harness.Scheduler.NextWakeup is not null)
            {
                var plan = harness.Scheduler.Plan(harness.Tick());
                foreach (var slice in plan.Slices)
                {
                    Assert.False(slice.Samples && slice.HiddenStates != HiddenStateUse.None);
                    Assert.Equal(slice.Request == request.Id && (all || slice.Start + slice.Tokens.Length == prompt) ? use : HiddenStateUse.None, slice.HiddenStates);
                    if (slice.Request == request.Id)
                    {
                        Assert.Equal(fed, slice.Start);
                        Assert.False(slice.Samples);
                        fed += slice.Tokens.Length;
                        wanted += slice.HiddenStates switch { HiddenStateUse.All => slice.Tokens.Length, HiddenStateUse.Last => 1, _ => 0 };
                    }
                }

                var completion = harness.Scheduler.Complete(plan, new([.. plan.Slices.Where(slice => slice.Samples).Select(slice => new SampledToken(slice.Request, 7))]), harness.Tick());
                Assert.DoesNotContain(completion.Emitted, token => token.Request == request.Id);
                if (completion.Finished.SingleOrDefault(finished => finished.Id == request.Id) is { } end)
                {
                    Assert.Equal((FinishReason.Stop, 0, prompt), (end.Reason, end.OutputTokens, fed));
                    ended = true;
                }
            }

            Assert.True(ended);
            Assert.Equal(all ? prompt : 1, wanted);
            Assert.Equal(harness.Scheduler.Snapshot.TotalBlocks, harness.Scheduler.Snapshot.FreeBlocks);
        });

    [Theory]
    [InlineData(HiddenStateUse.All, 20)]
    [InlineData(HiddenStateUse.Last, 4)]
    public void The_prefix_cache_skips_no_position_whose_state_is_wanted(HiddenStateUse use, int expected)
    {
        var harness = new SchedulerHarness(new() { BlockTokens = 4, KvBlocks = 40, TokenBudgetPerStep = 64, RunningMax = 4, WaitingMax = 9, ContextTokens = 200, PrefixCaching = true });
        var first = SchedulerHarness.Request(1, 20, 3);
        Assert.Equal(AdmissionOutcome.Admitted, harness.Scheduler.Admit(first, harness.Tick()));
        while (harness.Scheduler.NextWakeup is not null)
        {
            harness.Complete(harness.Plan());
        }

        var second = first with { Id = new(2), OutputTokensMax = 0, HiddenStates = use };
        Assert.Equal(AdmissionOutcome.Admitted, harness.Scheduler.Admit(second, harness.Tick()));
        var slice = Assert.Single(harness.Plan().Slices);
        Assert.Equal((20 - expected, expected, use), (slice.Start, slice.Tokens.Length, slice.HiddenStates));
    }

    [Theory]
    [InlineData(40, 0, AdmissionOutcome.Admitted)]
    [InlineData(41, 0, AdmissionOutcome.ExceedsMemory)]
    [InlineData(51, 0, AdmissionOutcome.PromptTooLong)]
    [InlineData(5, 1, AdmissionOutcome.InvalidOutputLimit)]
    [InlineData(5, -1, AdmissionOutcome.InvalidOutputLimit)]
    public void The_whole_context_may_be_prompt_and_none_of_it_output(int prompt, int output, AdmissionOutcome expected)
    {
        var harness = new SchedulerHarness(new() { BlockTokens = 4, KvBlocks = 10, TokenBudgetPerStep = 8, RunningMax = 2, WaitingMax = 3, ContextTokens = 50 });
        var request = SchedulerHarness.Request(1, prompt, output) with { HiddenStates = HiddenStateUse.All };
        Assert.Equal(expected, harness.Scheduler.Admit(request, harness.Tick()));
    }
}
