using Rubato.Core;

namespace Rubato.Serving.Tests;

public sealed class SchedulerContractTests
{
    private static SchedulerHarness Harness()
    {
        var harness = new SchedulerHarness(new() { ContextTokens = 64 });
        harness.Admit(4, 4);
        return harness;
    }

    [Fact]
    public void Time_does_not_go_back()
    {
        var harness = Harness();
        var plan = harness.Plan();

        var before = plan.PlannedAt - new Duration(1);
        Assert.Throws<InvariantViolationException>(() => harness.Scheduler.Complete(plan, SchedulerHarness.Execute(plan), before));
        Assert.Throws<InvariantViolationException>(() => harness.Scheduler.Cancel(new(0), Instant.Zero));
    }

    [Fact]
    public void One_plan_is_outstanding_at_a_time()
    {
        var harness = Harness();
        harness.Plan();

        Assert.Throws<InvariantViolationException>(() => harness.Plan());
    }

    [Fact]
    public void A_completion_is_for_the_outstanding_plan()
    {
        var harness = Harness();
        var old = harness.Step();
        Assert.Throws<InvariantViolationException>(() => harness.Complete(old));
        harness.Plan();
        Assert.Throws<InvariantViolationException>(() => harness.Complete(old));
    }

    [Fact]
    public void A_result_has_one_token_per_sampling_slice_in_their_order()
    {
        SampledToken token = new(new(0), 1);
        foreach (var result in new StepResult[] { new([]), new([token, token]), new([token with { Request = new(1) }]) })
        {
            var harness = Harness();
            var plan = harness.Plan();
            Assert.Throws<InvariantViolationException>(() => harness.Scheduler.Complete(plan, result, harness.Tick()));
        }
    }
}
