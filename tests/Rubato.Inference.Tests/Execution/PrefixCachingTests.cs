using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Execution;

/// <summary>The scheduler and the real kernels together: shared blocks hold the very bits that would have been computed.</summary>
public class PrefixCachingTests
{
    private static readonly SamplingParameters[] Samplings =
    [
        SamplingParameters.Greedy with { LogProbabilityCount = 2 },
        new() { Temperature = 1.2, TopP = 0.95, Seed = 3, LogProbabilityCount = 1 },
        new() { Temperature = 0.9, RepetitionPenalty = 1.3, FrequencyPenalty = 0.7, PresencePenalty = 0.2, Seed = 4, LogProbabilityCount = 1 },
        new() { Temperature = 1, TypicalP = 0.8, MinP = 0.02, LogitBias = [new(5, 4)], Seed = 5, LogProbabilityCount = 1 },
    ];

    [Fact]
    public void Execute_WithAndWithoutCacheAndPreemptions_SameTokensAndLogProbabilitiesToTheLastBit()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 31, name => name.Contains("ffn") ? GgmlType.Q8_0 : GgmlType.F32);
        var requests = Requests();

        var (alone, _) = Run(file, requests, blocks: 400, budget: 64, running: 1, caching: false);
        var (cached, roomy) = Run(file, requests, blocks: 400, budget: 64, running: 8, caching: true);
        var (tight, preempted) = Run(file, requests, blocks: 40, budget: 24, running: 8, caching: true);
        var (uncached, _) = Run(file, requests, blocks: 40, budget: 24, running: 8, caching: false);

        Assert.Equal(alone, cached);
        Assert.Equal(alone, tight);
        Assert.Equal(alone, uncached);
        Assert.True(roomy.PrefixHitTokens > roomy.PrefixQueryTokens / 2, $"{roomy}");
        Assert.True(preempted is { PrefixHitTokens: > 0, Preemptions: > 0, RestoredTokens: > 0 }, $"{preempted}");
    }

    /// <summary>Three common beginnings, with and without an own end; of some prompts four choices.</summary>
    private static List<Request> Requests()
    {
        var prng = new Prng(31);
        var requests = new List<Request>();
        for (var i = 0; i < 32; i++)
        {
            int[] tokens =
            [
                .. RandomModel.Tokens(RandomModel.Configuration, 40, (ulong)prng.NextInt32(3)),
                .. RandomModel.Tokens(RandomModel.Configuration, prng.NextInt32(12), (ulong)(100 + (i / 4))),
            ];
            requests.Add(new() { Id = new(i), PromptTokens = [.. tokens], OutputTokensMax = 1 + prng.NextInt32(40), Sampling = Samplings[i % 4] });
        }

        return requests;
    }

    private static (string Texts, SchedulerCounters Counters) Run(
        GgufFile file, List<Request> requests, int blocks, int budget, int running, bool caching)
    {
        using var harness = new Harness(file, blockTokens: 4, blocks);
        var scheduler = new Scheduler(new()
        {
            BlockTokens = 4,
            KvBlocks = blocks,
            TokenBudgetPerStep = budget,
            RunningMax = running,
            ContextTokens = 120,
            PrefixCaching = caching,
        });
        var texts = new SortedDictionary<long, List<string>>();
        var ticks = 0L;
        foreach (var request in requests)
        {
            Assert.Equal(AdmissionOutcome.Admitted, scheduler.Admit(request, new(++ticks)));
            texts[request.Id.Value] = [];
        }

        while (scheduler.NextWakeup is not null)
        {
            var plan = scheduler.Plan(new(++ticks));
            foreach (var token in scheduler.Complete(plan, harness.Executor.Execute(plan), new(++ticks)).Emitted)
            {
                texts[token.Request.Value].Add(FormattableString.Invariant($"{token.Token}:{token.LogProbabilities!.Chosen:R}"));
            }
        }

        return (string.Join('\n', texts.Select(text => $"{text.Key}: {string.Join(' ', text.Value)}")), scheduler.Snapshot.Counters);
    }
}
