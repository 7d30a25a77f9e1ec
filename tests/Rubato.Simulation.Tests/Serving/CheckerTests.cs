using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving;
using Rubato.Simulation.Serving;
using Rubato.Simulation.Serving.Checkers;

namespace Rubato.Simulation.Tests.Serving;

/// <summary>A checker that finds nothing proves nothing: each is shown a scheduler with its fault.</summary>
public sealed class CheckerTests
{
    private static readonly ServingParameters Crowded = new()
    {
        Scheduler = new() { BlockTokens = 4, KvBlocks = 60, RunningMax = 8, TokenBudgetPerStep = 16, ContextTokens = 120, WaitingMax = 100 },
        Workload = new() { Requests = 30, ArrivalsPerSecond = 1e9, PromptTokensMean = 20, OutputTokensMean = 30, OutputTokensMax = 60 },
    };

    [Fact]
    public void Without_a_fault_nothing_is_found() => Assert.Null(FailureOfPlans(plan => plan));

    [Fact]
    public void A_shared_block_is_found() => Assert.Contains("is given to", FailureOfPlans(plan => plan.Slices.Length < 2
        ? plan
        : plan with { Slices = plan.Slices.SetItem(1, plan.Slices[1] with { Blocks = plan.Slices[1].Blocks.SetItem(0, plan.Slices[0].Blocks[0]) }) }), StringComparison.Ordinal);

    [Fact]
    public void A_block_listed_twice_is_found() => Assert.Contains("has a block twice", FailureOfPlans(plan => WithFirst(plan, slice => slice.Blocks.Length < 2
        ? slice
        : slice with { Blocks = slice.Blocks.SetItem(1, slice.Blocks[0]) })), StringComparison.Ordinal);

    [Fact]
    public void A_wrong_block_table_is_found() => Assert.Contains("reads position", FailureOfPlans(plan => plan.Step < 5
        ? plan
        : WithFirst(plan, slice => slice with { Blocks = [.. slice.Blocks.Reverse()] })), StringComparison.Ordinal);

    [Fact]
    public void A_skipped_position_is_found() => Assert.Contains("reads position", FailureOfPlans(plan => WithFirst(plan, slice => slice.Tokens.Length < 2
        ? slice
        : slice with { Start = slice.Start + 1, Tokens = slice.Tokens.RemoveAt(0) })), StringComparison.Ordinal);

    [Fact]
    public void A_wrong_token_is_found() => Assert.Contains("feeds", FailureOfPlans(plan => WithFirst(plan, slice =>
        slice with { Tokens = slice.Tokens.SetItem(0, slice.Tokens[0] + 1) })), StringComparison.Ordinal);

    [Fact]
    public void A_broken_budget_is_found() => Assert.Contains("tokens", FailureOfPlans(plan => WithFirst(plan, slice =>
        slice with { Tokens = [.. Enumerable.Repeat(1, 17)] })), StringComparison.Ordinal);

    [Fact]
    public void A_starved_first_request_is_found() => Assert.Contains("does nothing for", FailureOfPlans(plan => plan.Slices.Length < 2
        ? plan
        : plan with { Slices = plan.Slices.RemoveAt(0) }), StringComparison.Ordinal);

    [Fact]
    public void A_token_emitted_twice_is_found() => Assert.Contains("is next", FailureOfCompletions(completion => completion with
    {
        Emitted = [.. completion.Emitted, .. completion.Emitted.Take(1)],
    }), StringComparison.Ordinal);

    [Fact]
    public void A_lost_token_is_found() => Assert.NotNull(FailureOfCompletions(completion => completion with { Emitted = [.. completion.Emitted.Skip(1)] }));

    [Fact]
    public void A_lost_end_is_found() => Assert.NotNull(FailureOfCompletions(completion => completion with { Finished = [] }));

    [Fact]
    public void A_request_that_never_ends_is_found()
    {
        var request = new Request { Id = new(5), PromptTokens = [1], OutputTokensMax = 1 };
        var checker = new EndChecker(new Dictionary<RequestId, RequestScript>());
        checker.Admitted(request, AdmissionOutcome.Admitted, new(0));
        Assert.Contains("never ended", Assert.Throws<InvariantViolationException>(() => checker.Ended(new(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_without_end_are_found()
    {
        var request = new Request { Id = new(5), PromptTokens = [1], OutputTokensMax = 1 };
        var checker = new EndChecker(new Dictionary<RequestId, RequestScript>());
        checker.Admitted(request, AdmissionOutcome.Admitted, new(0));
        var plan = new StepPlan { Step = 0, PlannedAt = new(0), Slices = [] };
        Assert.Contains("are alive after 3 steps", Assert.Throws<InvariantViolationException>(() =>
        {
            for (var i = 0; i < 4; i++)
            {
                checker.Planned(plan, new(1));
            }
        }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_reason_is_found() => Assert.Contains("should end after", FailureOfCompletions(completion => completion with
    {
        Finished = [.. completion.Finished.Select(request => request with { Reason = FinishReason.Cancelled })],
    }), StringComparison.Ordinal);

    [Fact]
    public void A_failure_prints_the_command_that_repeats_it()
    {
        using var log = new StringWriter();
        SimServing.Run(77, new() { Lite = true, Log = log }, inner => new FaultyScheduler(inner, plan => plan, completion => completion with { Finished = [] }));
        Assert.Contains("repeat: rubato sim serving --seed 77 --lite", log.ToString(), StringComparison.Ordinal);
    }

    private static string? FailureOfPlans(Func<StepPlan, StepPlan> corrupt) =>
        SimServing.Run(1, new() { Parameters = Crowded }, inner => new FaultyScheduler(inner, corrupt, completion => completion)).Failure;

    private static string? FailureOfCompletions(Func<StepCompletion, StepCompletion> corrupt) =>
        SimServing.Run(1, new() { Parameters = Crowded }, inner => new FaultyScheduler(inner, plan => plan, corrupt)).Failure;

    private static StepPlan WithFirst(StepPlan plan, Func<SequenceSlice, SequenceSlice> change) =>
        plan.Slices.IsEmpty ? plan : plan with { Slices = plan.Slices.SetItem(0, change(plan.Slices[0])) };

    private sealed class FaultyScheduler(IScheduler inner, Func<StepPlan, StepPlan> corruptPlan, Func<StepCompletion, StepCompletion> corruptCompletion) : IScheduler
    {
        private StepPlan? _true;

        public SchedulerLimits Limits => inner.Limits;

        public Instant? NextWakeup => inner.NextWakeup;

        public SchedulerSnapshot Snapshot => inner.Snapshot;

        public AdmissionOutcome Admit(Request request, Instant now) => inner.Admit(request, now);

        public bool Cancel(RequestId id, Instant now) => inner.Cancel(id, now);

        public StepPlan Plan(Instant now) => corruptPlan(_true = inner.Plan(now));

        public StepCompletion Complete(StepPlan plan, StepResult result, Instant now) => corruptCompletion(inner.Complete(_true!, result, now));

        public void Shutdown(ShutdownMode mode, Instant now) => inner.Shutdown(mode, now);

        public ImmutableArray<SequenceSnapshot> CaptureSequences() => inner.CaptureSequences();
    }
}
