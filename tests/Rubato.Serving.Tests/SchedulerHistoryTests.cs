namespace Rubato.Serving.Tests;

/// <summary>What a plan tells the sampler of the tokens before.</summary>
public sealed class SchedulerHistoryTests
{
    private static readonly SchedulerOptions Tight = new() { BlockTokens = 4, KvBlocks = 14, TokenBudgetPerStep = 6, RunningMax = 4, ContextTokens = 56 };

    [Fact]
    public void A_penalised_sequence_carries_all_its_tokens_also_after_a_preemption()
    {
        var harness = new SchedulerHarness(Tight);
        var penalised = new SamplingParameters { FrequencyPenalty = 0.5 };
        for (var id = 0; id < 6; id++)
        {
            var request = SchedulerHarness.Request(id, 5, 30) with { Sampling = id % 2 == 0 ? penalised : new() };
            Assert.Equal(AdmissionOutcome.Admitted, harness.Scheduler.Admit(request, harness.Tick()));
        }

        var slices = harness.RunToEnd().SelectMany(plan => plan.Slices).ToArray();

        Assert.True(harness.Scheduler.Snapshot.Counters.Preemptions > 0);
        Assert.All(slices, slice => Assert.Equal(slice.Samples && slice.Request.Value % 2 == 0, slice.History is not null));

        // Read after the run: a view must not change when its sequence grows.
        foreach (var slice in slices.Where(slice => slice.History is not null))
        {
            var (prompt, generated) = slice.History!.Value;
            Assert.Equal(SchedulerHarness.Expected(slice.Request, 0, 5), prompt);
            Assert.Equal(SchedulerHarness.Expected(slice.Request, 5, slice.Start + slice.Tokens.Length - 5), generated.ToArray());
        }
    }

    [Fact]
    public void A_constraint_comes_with_every_slice_of_its_request_and_brings_the_history()
    {
        var harness = new SchedulerHarness(Tight);
        var constraint = new Nothing();
        harness.Scheduler.Admit(SchedulerHarness.Request(0, 9, 3) with { Constraint = constraint }, harness.Tick());
        harness.Scheduler.Admit(SchedulerHarness.Request(1, 9, 3), harness.Tick());

        foreach (var slice in harness.RunToEnd().SelectMany(plan => plan.Slices))
        {
            Assert.Same(slice.Request.Value == 0 ? constraint : null, slice.Constraint);
            Assert.Equal(slice.Samples && slice.Request.Value == 0, slice.History is not null);
        }
    }

    [Fact]
    public void Numbers_that_a_journal_cannot_hold_are_broken_invariants()
    {
        SamplingParameters[] parameters =
        [
            new() { Temperature = double.NaN },
            new() { TopP = double.NaN },
            new() { MinP = double.PositiveInfinity },
            new() { TypicalP = double.NaN },
            new() { RepetitionPenalty = double.NaN },
            new() { PresencePenalty = double.NaN },
            new() { FrequencyPenalty = double.NegativeInfinity },
            new() { LogitBias = [new(1, double.NaN)] },
        ];
        Assert.All(parameters, sampling => Assert.Throws<Core.InvariantViolationException>(() =>
            new Scheduler(Tight).Admit(SchedulerHarness.Request(0, 1, 1) with { Sampling = sampling }, new(0))));
    }

    private sealed class Nothing : ITokenConstraint
    {
        public void Forbid(ReadOnlySpan<int> generated, Span<float> logits)
        {
        }
    }
}
