using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Draws the parameters of a run from its seed: some faults are off, the rest weigh very differently from run to run.</summary>
public static class ServingSwarm
{
    /// <summary>The parameters of seed <paramref name="seed"/>.</summary>
    /// <param name="seed">Any number, a hash of the source tree for instance.</param>
    /// <param name="lite">A small run, of some milliseconds.</param>
    public static ServingParameters Draw(ulong seed, bool lite)
    {
        var prng = new Prng(seed).Split("parameters");
        var scheduler = DrawScheduler(prng.Split("scheduler"));
        var cost = DrawCost(prng.Split("cost"));
        var prefixes = prng.Split("prefixes");
        scheduler.PrefixCaching = prefixes.Chance(3, 4);
        return new()
        {
            Scheduler = scheduler,
            Workload = WithPrefixes(DrawWorkload(prng.Split("workload"), scheduler, cost, lite), prefixes),
            Cost = cost,
            Faults = DrawFaults(prng.Split("faults")),
        };
    }

    private static SchedulerOptions DrawScheduler(Prng prng)
    {
        var runningMax = 1 + prng.NextInt32(1 << prng.NextInt32(1, 6));
        var blockTokens = 1 << prng.NextInt32(6);
        var context = prng.NextInt32(8, 400);
        return new()
        {
            BlockTokens = blockTokens,
            ContextTokens = context,

            // From a pool that one sequence fills to one that all fit: preemption often, but not always.
            KvBlocks = Math.Max(1, context / blockTokens * prng.NextInt32(1, 2 + runningMax) / prng.NextInt32(1, 4)),
            RunningMax = runningMax,
            TokenBudgetPerStep = runningMax + prng.NextInt32(1 << prng.NextInt32(1, 9)),
            WaitingMax = prng.NextInt32(1 << prng.NextInt32(1, 8)),
        };
    }

    private static LinearCostModel DrawCost(Prng prng) => new()
    {
        BaseNanoseconds = prng.NextInt32(1, 20_000_000),
        PrefillTokenNanoseconds = prng.NextInt32(0, 500_000),
        DecodeSequenceNanoseconds = prng.NextInt32(0, 1_000_000),
        KvTokenNanoseconds = prng.NextInt32(0, 5_000),
    };

    private static WorkloadParameters DrawWorkload(Prng prng, SchedulerOptions scheduler, LinearCostModel cost, bool lite)
    {
        var prompt = 1 + prng.NextInt32(Math.Max(1, scheduler.ContextTokens / 2));
        var output = 1 + prng.NextInt32(Math.Max(1, scheduler.ContextTokens / 2));
        var secondsAlone = output * cost.BaseNanoseconds / 1e9;
        return new()
        {
            Requests = prng.NextInt32(10, lite ? 60 : 400),
            Clients = 1 + prng.NextInt32(16),

            // From an idle server to one that many times too many requests reach.
            ArrivalsPerSecond = prng.Chance(1, 3) ? 0 : prng.NextInt32(1, 40) * scheduler.RunningMax / (4 * secondsAlone),
            ThinkSecondsMean = prng.NextInt32(0, 4) * secondsAlone,
            PromptTokensMean = prompt,
            OutputTokensMean = output,
            OutputTokensMax = 1 + prng.NextInt32(scheduler.ContextTokens),
        };
    }

    private static WorkloadParameters WithPrefixes(WorkloadParameters workload, Prng prng) => workload with
    {
        // Nothing in common, a common beginning, or whole requests alike.
        PrefixGroups = OffOrUpTo(prng, 6),
        PrefixTokens = prng.NextInt32(1, 1 + (int)(2 * (workload.PromptTokensMean + workload.OutputTokensMean))),
        CacheSalts = prng.Chance(3, 4) ? 1 : prng.NextInt32(2, 4),
    };

    private static FaultParameters DrawFaults(Prng prng) => new()
    {
        CancelPerMille = OffOrUpTo(prng, 900),
        CancelAfterSecondsMean = prng.NextInt32(1, 2000) / 1000.0,
        SlowStepPerMille = OffOrUpTo(prng, 300),
        SlowStepFactor = prng.NextInt32(2, 100),
        StopStringPerMille = OffOrUpTo(prng, 900),
        DrainAfterPerMille = prng.Chance(1, 2) ? 1000 : prng.NextInt32(1000),
        CancelOnDrain = prng.Chance(1, 2),
    };

    private static int OffOrUpTo(Prng prng, int most) => prng.Chance(1, 2) ? 0 : prng.NextInt32(1, most);
}
