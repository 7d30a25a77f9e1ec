using Rubato.Core;
using Rubato.Serving;
using Rubato.Simulation.Serving;

namespace Rubato.Simulation.Tests.Serving;

public sealed class ServingScenarioTests
{
    private static readonly WorkloadParameters AllAtOnce = new()
    {
        Requests = 40,
        ArrivalsPerSecond = 1e9,
        PromptTokensMean = 20,
        OutputTokensMean = 60,
        OutputTokensMax = 100,
    };

    [Fact]
    public void A_preempted_sequence_is_readmitted_with_the_right_positions_and_blocks()
    {
        // Memory for about two sequences at their longest, so that growth preempts again and again; every read of a KV
        // position is checked against what was written there.
        var result = SimServing.Run(1, new()
        {
            Parameters = new()
            {
                Scheduler = new()
                {
                    BlockTokens = 4,
                    KvBlocks = 60,
                    RunningMax = 16,
                    TokenBudgetPerStep = 32,
                    ContextTokens = 240,
                    WaitingMax = 100,
                },
                Workload = AllAtOnce,
            },
        });

        Assert.True(result.Passed, result.Failure);
        Assert.True(result.Preemptions > 20, $"only {result.Preemptions} preemptions");
        Assert.True(result.RecomputedTokens > 0);
    }

    [Fact]
    public void Preempting_and_readmitting_does_not_livelock_and_wastes_little()
    {
        // Chunks of 4 tokens fit long before a whole context does. An admission that looks at the next chunk only would take
        // sequences in and throw them out for ever; the bound on steps of the checker of ends would be broken.
        var result = SimServing.Run(2, new()
        {
            Parameters = new()
            {
                Scheduler = new()
                {
                    BlockTokens = 1,
                    KvBlocks = 220,
                    RunningMax = 4,
                    TokenBudgetPerStep = 4,
                    ContextTokens = 220,
                    WaitingMax = 100,
                },
                Workload = AllAtOnce with { PromptTokensMean = 60 },
            },
        });

        Assert.True(result.Passed, result.Failure);
        Assert.True(result.Preemptions > 0);
        Assert.True(result.RecomputedTokens < result.OutputTokens, $"{result.RecomputedTokens} recomputed, {result.OutputTokens} made");
    }

    [Fact]
    public void Prompts_that_begin_alike_are_computed_from_where_they_differ()
    {
        ServingRunResult Run(bool caching) => SimServing.Run(9, new()
        {
            PrefixCaching = caching,
            Parameters = new()
            {
                Scheduler = new() { KvBlocks = 4096 },
                Workload = new() { Requests = 200, PromptTokensMean = 300, PrefixGroups = 2, PrefixTokens = 256 },
            },
        });

        var (on, off) = (Run(true), Run(false));

        Assert.True(on.Passed && off.Passed, on.Failure ?? off.Failure);
        Assert.Equal(off.PromptTokens, on.PromptTokens + on.CachedPromptTokens);
        Assert.Equal(0, off.CachedPromptTokens);
        Assert.True(on.CachedPromptTokens > 0.5 * off.PromptTokens, $"{on.CachedPromptTokens} of {off.PromptTokens}");
        Assert.True(on.Ttft!.Mean < off.Ttft!.Mean);
    }

    [Fact]
    public void The_latencies_of_a_lone_request_are_those_of_the_cost_model()
    {
        var cost = new LinearCostModel
        {
            BaseNanoseconds = 1_000_000,
            PrefillTokenNanoseconds = 1_000,
            DecodeSequenceNanoseconds = 10_000,
            KvTokenNanoseconds = 0,
        };
        using var log = new StringWriter();
        var result = SimServing.Run(3, new()
        {
            Log = log,
            Parameters = new()
            {
                Scheduler = new() { TokenBudgetPerStep = 4096 },
                Workload = new() { Requests = 1, PromptTokensMean = 50, OutputTokensMean = 20 },
                Cost = cost,
            },
        });

        var prompt = int.Parse(log.ToString().Split("prompt=")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((1_000_000 + 1_000 * prompt) / 1e9, result.Ttft!.Mean, 1e-12);
        Assert.Equal(1_010_000 / 1e9, result.Tbt!.P50, 1e-12);
        Assert.Equal(1_010_000 / 1e9, result.Tbt.Max, 1e-12);
        Assert.Equal(result.OutputTokens - 1, result.Tbt.Count);
        Assert.Equal(result.Ttft.Mean + (result.OutputTokens - 1) * 1_010_000 / 1e9, result.Latency!.Mean, 1e-9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void A_closed_loop_has_at_most_one_request_per_client_and_issues_them_all(double thinkSeconds)
    {
        using var journal = new MemoryStream();
        var result = SimServing.Run(4, new()
        {
            Journal = journal,
            Parameters = new() { Workload = new() { ArrivalsPerSecond = 0, Clients = 3, Requests = 50, ThinkSecondsMean = thinkSeconds } },
        });

        Assert.True(result.Passed, result.Failure);
        Assert.Equal(50, result.Requests);
        Assert.True(result.Latency!.Count == 50 && result.Refused.Count == 0);
        journal.Position = 0;
        Assert.True(MostAlive(new(journal)) <= 3);
    }

    [Fact]
    public void Poisson_arrivals_have_their_rate()
    {
        var result = SimServing.Run(5, new()
        {
            Parameters = new()
            {
                Scheduler = new() { WaitingMax = 10_000 },
                Workload = new() { Requests = 4_000, ArrivalsPerSecond = 50, PromptTokensMean = 2, OutputTokensMean = 2 },
                Cost = new() { BaseNanoseconds = 1, PrefillTokenNanoseconds = 0, DecodeSequenceNanoseconds = 0, KvTokenNanoseconds = 0 },
            },
        });

        // The standard deviation of the sum of 4,000 exponential gaps is 1.6 % of it.
        Assert.InRange(4_000 / result.Seconds, 50 * 0.92, 50 * 1.08);
    }

    [Fact]
    public void Slow_steps_and_cancellations_leave_their_marks()
    {
        var calm = SimServing.Run(6, new() { Parameters = new() });
        var rough = SimServing.Run(6, new()
        {
            Parameters = new()
            {
                Faults = new() { CancelPerMille = 500, CancelAfterSecondsMean = 0.05, SlowStepPerMille = 50, SlowStepFactor = 50 },
            },
        });

        Assert.False(calm.Finished.ContainsKey(nameof(FinishReason.Cancelled)));
        Assert.True(rough.Finished[nameof(FinishReason.Cancelled)] > 20);
        Assert.True(rough.Tbt!.Max > 10 * calm.Tbt!.Max);
    }

    [Fact]
    public void Given_parameters_that_break_a_rule_are_refused() =>
        Assert.Throws<InvalidOptionException>(() => SimServing.Run(1, new() { Parameters = new() { Scheduler = new() { KvBlocks = 0 } } }));

    private static int MostAlive(Rubato.Serving.Journal.JournalReader reader)
    {
        // Without cancellations and preemptions, the slices of a plan are all that is alive.
        var most = 0;
        while (reader.Read() is { } entry)
        {
            if (entry is Rubato.Serving.Journal.PlanEntry plan)
            {
                using var json = System.Text.Json.JsonDocument.Parse(plan.Plan);
                most = Math.Max(most, json.RootElement.GetProperty("slices").GetArrayLength());
            }
        }

        return most;
    }
}
