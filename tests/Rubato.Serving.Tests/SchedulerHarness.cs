using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Fairness;

namespace Rubato.Serving.Tests;

/// <summary>Drives a scheduler by hand: a tick per call, and a token that depends on request and position only.</summary>
internal sealed class SchedulerHarness(SchedulerOptions options, IServicePolicy? policy = null)
{
    private long _nextId;
    private long _ticks;

    public Scheduler Scheduler { get; } = new(options, policy);

    public Dictionary<RequestId, List<int>> Outputs { get; } = [];

    public Dictionary<RequestId, FinishedRequest> Finished { get; } = [];

    public Instant Tick() => new(++_ticks);

    public static int TokenAt(RequestId id, int position) => (int)(Prng.Mix((ulong)id.Value, (ulong)position) % 1000) + 1;

    public static Request Request(long id, int promptTokens, int outputTokensMax) => new()
    {
        Id = new(id),
        PromptTokens = [.. Enumerable.Range(0, promptTokens).Select(position => TokenAt(new(id), position))],
        OutputTokensMax = outputTokensMax,
    };

    public RequestId Admit(int promptTokens, int outputTokensMax)
    {
        var request = Request(_nextId++, promptTokens, outputTokensMax);
        Assert.Equal(AdmissionOutcome.Admitted, Scheduler.Admit(request, Tick()));
        return request.Id;
    }

    public StepPlan Plan() => Scheduler.Plan(Tick());

    public static StepResult Execute(StepPlan plan, params ReadOnlySpan<RequestId> ending)
    {
        var ends = ending.ToArray();
        return new(
        [
            .. plan.Slices.Where(slice => slice.Samples).Select(slice => new SampledToken(
                slice.Request,
                TokenAt(slice.Request, slice.Start + slice.Tokens.Length),
                ends.Contains(slice.Request))),
        ]);
    }

    public StepCompletion Complete(StepPlan plan, params ReadOnlySpan<RequestId> ending)
    {
        var completion = Scheduler.Complete(plan, Execute(plan, ending), Tick());
        Absorb(completion);
        return completion;
    }

    /// <summary>Keeps what a completion says.</summary>
    public void Absorb(StepCompletion completion)
    {
        foreach (var token in completion.Emitted)
        {
            var output = Outputs.TryGetValue(token.Request, out var known) ? known : Outputs[token.Request] = [];
            Assert.Equal(output.Count, token.Index);
            output.Add(token.Token);
        }

        foreach (var request in completion.Finished)
        {
            Finished.Add(request.Id, request);
        }
    }

    public StepPlan Step()
    {
        var plan = Plan();
        Complete(plan);
        return plan;
    }

    /// <summary>Steps until nothing is left to do; every step checks memory and budget.</summary>
    public List<StepPlan> RunToEnd(int stepsMax = 100_000)
    {
        var plans = new List<StepPlan>();
        while (Scheduler.NextWakeup is not null)
        {
            Assert.True(plans.Count < stepsMax, $"{plans.Count} steps and still {Scheduler.Snapshot}");
            plans.Add(Step());
            AssertMemory();
        }

        return plans;
    }

    public void AssertMemory()
    {
        var tables = Scheduler.CaptureSequences().Select(sequence => sequence.Blocks).ToArray();
        Assert.All(tables, table => Assert.Equal(table.Length, table.Distinct().Count()));
        var held = tables.SelectMany(table => table).ToArray();
        Assert.Equal(held.Length, Scheduler.Snapshot.BlockReferences);
        Assert.Equal(Scheduler.Snapshot.TotalBlocks, held.Distinct().Count() + Scheduler.Snapshot.FreeBlocks);
        Assert.True(Scheduler.Limits.PrefixCaching || held.Length == held.Distinct().Count());
    }

    /// <summary>Every fed token has the value that its position in its sequence asks for.</summary>
    public static void AssertFeedsTrueTokens(SequenceSlice slice) =>
        Assert.Equal(Expected(slice.Request, slice.Start, slice.Tokens.Length), slice.Tokens);

    /// <summary>The tokens of a sequence from a position on.</summary>
    public static ImmutableArray<int> Expected(RequestId id, int start, int count) =>
        [.. Enumerable.Range(start, count).Select(position => TokenAt(id, position))];
}
