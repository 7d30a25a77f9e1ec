using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving;
using Rubato.Serving.Transfers;
using Rubato.Simulation.Serving;
using Rubato.Simulation.Serving.Checkers;

namespace Rubato.Simulation.Tests.Serving;

/// <summary>A checker that finds nothing proves nothing: each is shown a scheduler with its fault.</summary>
public sealed class CheckerTests
{
    private static readonly ServingParameters Crowded = new()
    {
        Scheduler = new()
        {
            BlockTokens = 4,
            KvBlocks = 60,
            RunningMax = 8,
            TokenBudgetPerStep = 16,
            ContextTokens = 120,
            WaitingMax = 100,
        },
        Workload = new() { Requests = 30, ArrivalsPerSecond = 1e9, PromptTokensMean = 20, OutputTokensMean = 30, OutputTokensMax = 60 },
    };

    /// <summary>Prompts that begin alike, some of them alike altogether, and memory for a few of them.</summary>
    private static readonly ServingParameters Alike = Crowded with
    {
        Scheduler = new()
        {
            BlockTokens = 4,
            KvBlocks = 32,
            RunningMax = 8,
            TokenBudgetPerStep = 16,
            ContextTokens = 120,
            WaitingMax = 100,
        },
        Workload = Crowded.Workload with { PrefixGroups = 2, PrefixTokens = 30 },
    };

    [Fact]
    public void Without_a_fault_nothing_is_found() => Assert.Null(Failure(plan => plan));

    [Fact]
    public void Without_a_fault_nothing_is_found_where_blocks_are_shared()
    {
        var result = SimServing.Run(1, new() { Parameters = Alike });
        Assert.True(result.Passed, result.Failure);
        Assert.True(result.CachedPromptTokens > 100 && result.RestoredTokens > 0, $"{result.CachedPromptTokens}, {result.RestoredTokens}");
    }

    [Fact]
    public void A_block_shared_by_sequences_that_differ_is_found()
    {
        // The first full block of another sequence: read only, so that nothing but its content is wrong.
        var failure = SimServing.Run(1, new() { Parameters = Crowded }, inner => new FaultyScheduler(
            inner,
            plan => plan.Slices is [{ Start: >= 8 }, .., { Start: >= 8 }]
                ? plan with { Slices = plan.Slices.SetItem(0, WithBlock(plan.Slices[0], 0, plan.Slices[^1].Blocks[0])) }
                : plan,
            completion => completion)).Failure;
        Assert.True(failure?.Contains("that are not its own", StringComparison.Ordinal), failure);

        // The same where also the state says so: what is left to see it is the content.
        var scheduler = new Scheduler(new() { BlockTokens = 2 });
        var checker = new KvContentChecker(scheduler);
        checker.Admitted(new() { Id = new(1), PromptTokens = [5, 6, 7], OutputTokensMax = 9 }, AdmissionOutcome.Admitted, new(0));
        checker.Admitted(new() { Id = new(2), PromptTokens = [5, 6, 8], OutputTokensMax = 9 }, AdmissionOutcome.Admitted, new(0));
        checker.Admitted(new() { Id = new(3), PromptTokens = [6, 6, 8], OutputTokensMax = 9 }, AdmissionOutcome.Admitted, new(0));
        checker.Admitted(new() { Id = new(4), PromptTokens = [5, 6, 8], OutputTokensMax = 9, CacheSalt = "other" }, AdmissionOutcome.Admitted, new(0));
        checker.Planned(Plan(new(1), 0, [5, 6], [new(0)]), new(1));
        checker.Planned(Plan(new(2), 2, [8], [new(0), new(1)]), new(2));
        foreach (var (id, token) in new[] { (3, 8), (4, 8) })
        {
            var found = Assert.Throws<InvariantViolationException>(() => checker.Planned(Plan(new(id), 2, [token], [new(0), new(2)]), new(3)));
            Assert.Contains("reads position 0", found.Message, StringComparison.Ordinal);
        }
    }

    private static StepPlan Plan(RequestId request, int start, ImmutableArray<int> tokens, ImmutableArray<BlockId> blocks) => new()
    {
        Step = 0,
        PlannedAt = new(0),
        Slices = [new() { Request = request, Start = start, Tokens = tokens, Blocks = blocks, Samples = false, Sampling = new() }],
    };

    [Fact]
    public void A_shared_block_is_found() => AssertFound("is given to", plan => plan.Slices.Length < 2
        ? plan
        : plan with { Slices = plan.Slices.SetItem(1, WithBlock(plan.Slices[1], 0, plan.Slices[0].Blocks[0])) });

    [Fact]
    public void A_block_listed_twice_is_found() => AssertFound("has a block twice", plan => WithFirst(plan, slice =>
        slice.Blocks.Length < 2 ? slice : WithBlock(slice, 1, slice.Blocks[0])));

    [Fact]
    public void A_wrong_block_table_is_found() => AssertFound("reads position", plan => plan.Step < 5
        ? plan
        : WithFirst(plan, slice => slice with { Blocks = [.. slice.Blocks.Reverse()] }));

    [Fact]
    public void A_skipped_position_is_found() => AssertFound("reads position", plan => WithFirst(plan, slice =>
        slice.Tokens.Length < 2 ? slice : slice with { Start = slice.Start + 1, Tokens = slice.Tokens.RemoveAt(0) }));

    [Fact]
    public void A_wrong_token_is_found() => AssertFound("feeds", plan => WithFirst(plan, slice =>
        slice with { Tokens = slice.Tokens.SetItem(0, slice.Tokens[0] + 1) }));

    [Fact]
    public void A_broken_budget_is_found() => AssertFound("has 17 tokens", plan => WithFirst(plan, slice =>
        slice with { Tokens = [.. Enumerable.Repeat(1, 17 - (plan.TokenCount - slice.Tokens.Length))] }));

    [Fact]
    public void A_starved_first_request_is_found() => AssertFound("does nothing for", plan => plan.Slices.Length < 2
        ? plan
        : plan with { Slices = plan.Slices.RemoveAt(0) });

    [Fact]
    public void A_token_emitted_twice_is_found() => AssertFound("is next", completion => completion with
    {
        Emitted = [.. completion.Emitted, .. completion.Emitted.Take(1)],
    });

    [Fact]
    public void A_lost_token_is_found() => AssertFound(" emitted", completion => completion with
    {
        Emitted = [.. completion.Emitted.Skip(1)],
    });

    [Fact]
    public void A_lost_end_is_found() => AssertFound("the model has", completion => completion with { Finished = [] });

    [Fact]
    public void A_wrong_reason_is_found() => AssertFound("should end after", completion => completion with
    {
        Finished = [.. completion.Finished.Select(request => request with { Reason = FinishReason.Cancelled })],
    });

    [Fact]
    public void A_request_that_never_ends_is_found()
    {
        var request = new Request { Id = new(5), PromptTokens = [1], OutputTokensMax = 1 };
        var checker = new EndChecker(new Dictionary<RequestId, RequestScript>());
        checker.Admitted(request, AdmissionOutcome.Admitted, new(0));
        var failure = Assert.Throws<InvariantViolationException>(() => checker.Ended(new(1)));
        Assert.Contains("never ended", failure.Message, StringComparison.Ordinal);
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
    public void A_failure_prints_the_command_that_repeats_it()
    {
        using var log = new StringWriter();
        var options = new SimServingOptions { Lite = true, Log = log };
        SimServing.Run(77, options, inner => new FaultyScheduler(inner, plan => plan, completion => completion with { Finished = [] }));
        Assert.Contains("repeat: rubato sim serving --seed 77 --lite", log.ToString(), StringComparison.Ordinal);
    }

    private static void AssertFound(string expected, Func<StepPlan, StepPlan> corrupt) =>
        Assert.Contains(expected, Failure(corrupt), StringComparison.Ordinal);

    private static void AssertFound(string expected, Func<StepCompletion, StepCompletion> corrupt) =>
        Assert.Contains(expected, Failure(plan => plan, corrupt), StringComparison.Ordinal);

    private static string? Failure(Func<StepPlan, StepPlan> plans, Func<StepCompletion, StepCompletion>? completions = null) =>
        SimServing.Run(1, new() { Parameters = Crowded }, inner => new FaultyScheduler(inner, plans, completions ?? (c => c))).Failure;

    private static SequenceSlice WithBlock(SequenceSlice slice, int index, BlockId block) =>
        slice with { Blocks = slice.Blocks.SetItem(index, block) };

    private static StepPlan WithFirst(StepPlan plan, Func<SequenceSlice, SequenceSlice> change) =>
        plan.Slices.IsEmpty ? plan : plan with { Slices = plan.Slices.SetItem(0, change(plan.Slices[0])) };

    private sealed class FaultyScheduler(
        IScheduler inner,
        Func<StepPlan, StepPlan> corruptPlan,
        Func<StepCompletion, StepCompletion> corruptCompletion) : IScheduler
    {
        private StepPlan? _true;

        public SchedulerLimits Limits => inner.Limits;

        public Instant? NextWakeup => inner.NextWakeup;

        public SchedulerSnapshot Snapshot => inner.Snapshot;

        public AdmissionOutcome Admit(Request request, Instant now) => inner.Admit(request, now);

        public bool Cancel(RequestId id, Instant now) => inner.Cancel(id, now);

        public StepPlan Plan(Instant now) => corruptPlan(_true = inner.Plan(now));

        public StepCompletion Complete(StepPlan plan, StepResult result, Instant now) =>
            corruptCompletion(inner.Complete(_true!, result, now));

        public void TransferEnded(long ticket, TransferOutcome outcome, Instant now) => inner.TransferEnded(ticket, outcome, now);

        public void Shutdown(ShutdownMode mode, Instant now) => inner.Shutdown(mode, now);

        public ImmutableArray<SequenceSnapshot> CaptureSequences() => inner.CaptureSequences();
    }
}
