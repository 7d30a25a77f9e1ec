using Rubato.Core;
using Rubato.Serving.Switching;

namespace Rubato.Serving.Tests.Switching;

public sealed class SwitchingFuzzTests
{
    private static readonly string[] Policies = ["fcfs", "trace", "vtc", "vtc-preemptive", "round-robin", "static"];
    private static readonly string[] Allocators = ["groups", "buddy", "stack"];

    [Fact]
    public void Whatever_moves_when_every_request_reads_its_own_memory_and_ends_with_its_own_text()
    {
        var totals = default(SchedulerCounters);
        for (var seed = 0UL; seed < (ulong)FuzzScale.Times(1_500); seed++)
        {
            var counters = Run(seed);
            totals = totals with
            {
                Preemptions = totals.Preemptions + counters.Preemptions,
                Resumes = totals.Resumes + counters.Resumes,
                UndoneSwaps = totals.UndoneSwaps + counters.UndoneSwaps,
                TransferConflicts = totals.TransferConflicts + counters.TransferConflicts,
                LostSwapIns = totals.LostSwapIns + counters.LostSwapIns,
                ContaminatedBlocks = totals.ContaminatedBlocks + counters.ContaminatedBlocks,
                WaitedSwitches = totals.WaitedSwitches + counters.WaitedSwitches,
                OverlappedSwitches = totals.OverlappedSwitches + counters.OverlappedSwitches,
            };
        }

        // What the test is about must have happened, and often.
        Assert.True(totals.Preemptions > 1000, $"{totals}");
        Assert.True(totals.Resumes > 1000, $"{totals}");
        Assert.True(totals.UndoneSwaps > 20, $"{totals}");
        Assert.True(totals.TransferConflicts > 20, $"{totals}");
        Assert.True(totals.LostSwapIns > 20, $"{totals}");
        Assert.True(totals.ContaminatedBlocks > 20, $"{totals}");
        Assert.True(totals.WaitedSwitches > 100, $"{totals}");
        Assert.True(totals.OverlappedSwitches > 100, $"{totals}");
    }

    private static SchedulerCounters Run(ulong seed)
    {
        var prng = new Prng(seed).Split("case");
        var options = Options(prng);
        var world = new TwoTierWorld(options, seed) { FailPerMille = prng.NextInt32(3) == 0 ? 60UL : 0 };
        try
        {
            Play(world, prng, options);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new InvalidOperationException($"seed {seed}, {options.Policy}, {options.Switching}: {failure.Message}", failure);
        }

        return world.Scheduler.Snapshot.Counters;
    }

    private static void Play(TwoTierWorld world, Prng prng, SchedulerOptions options)
    {
        var (next, left) = (0, 6 + prng.NextInt32(18));
        var admitted = new List<Request>();
        for (var round = 0; left > 0 || world.Advance(); round++)
        {
            Assert.True(round < 20_000, $"no end: {world.Scheduler.Snapshot}");
            if (left > 0 && prng.NextInt32(3) == 0)
            {
                left--;
                var request = Draw(prng, next++, admitted, world, options);
                if (world.Admit(request) == AdmissionOutcome.Admitted)
                {
                    admitted.Add(request);
                }
            }

            if (admitted.Count > 0 && prng.NextInt32(60) == 0)
            {
                world.Cancel(admitted[prng.NextInt32(admitted.Count)].Id);
            }

            world.Advance();
        }

        Assert.Equal(admitted.Count, world.Finished.Count);
        foreach (var request in admitted)
        {
            CheckText(world, request);
        }

        var snapshot = world.Scheduler.Snapshot;
        Assert.Equal((snapshot.TotalBlocks, 0L, 0), (snapshot.FreeBlocks, snapshot.BlockReferences, snapshot.TransfersInFlight));
        Assert.Equal(snapshot.SwapUsedBlocks, snapshot.SwapIdleBlocks);
        Assert.True(options.PrefixCaching || snapshot.SwapUsedBlocks == 0, $"{snapshot}");
    }

    private static void CheckText(TwoTierWorld world, Request request)
    {
        var tokens = world.TokensOf(request.Id);
        var expected = request.PromptTokens.ToList();
        while (expected.Count < tokens.Count)
        {
            expected.Add(TwoTierWorld.NextToken(expected));
        }

        Assert.Equal(expected, tokens);
        Assert.True(world.Finished[request.Id].Reason == FinishReason.Cancelled || tokens.Count == expected.Count);
        Assert.True(
            world.Finished[request.Id].Reason == FinishReason.Cancelled || tokens.Count - request.PromptTokens.Length == request.OutputTokensMax);
    }

    /// <summary>A new prompt, or the next turn of a conversation, or one that begins like another.</summary>
    private static Request Draw(Prng prng, int id, List<Request> earlier, TwoTierWorld world, SchedulerOptions options)
    {
        var prompt = new List<int>();
        if (earlier.Count > 0 && prng.NextInt32(2) == 0)
        {
            var tokens = world.TokensOf(earlier[prng.NextInt32(earlier.Count)].Id);
            prompt.AddRange(tokens.Take(prng.NextInt32(2) == 0 ? tokens.Count : 1 + prng.NextInt32(tokens.Count)));
        }

        for (var i = 1 + prng.NextInt32(12); i > 0; i--)
        {
            prompt.Add(1 + prng.NextInt32(3));
        }

        var output = 1 + prng.NextInt32(20);
        var room = (options.KvBlocks * options.BlockTokens) - output;
        return new()
        {
            Id = new(id),
            Client = $"c{prng.NextInt32(3)}",
            User = $"u{prng.NextInt32(2)}",
            Priority = prng.NextInt32(3),
            PromptTokens = [.. prompt.Take(Math.Max(1, room))],
            OutputTokensMax = output,
        };
    }

    private static SchedulerOptions Options(Prng prng)
    {
        var runningMax = 1 + prng.NextInt32(6);
        return new()
        {
            BlockTokens = 1 + prng.NextInt32(4),
            KvBlocks = 12 + prng.NextInt32(30),
            RunningMax = runningMax,
            TokenBudgetPerStep = runningMax + prng.NextInt32(20),
            ContextTokens = 400,
            PrefixCaching = prng.NextInt32(4) > 0,
            Policy = Policies[prng.NextInt32(Policies.Length)],
            Fairness = new() { UpdateEveryIterations = 1 + prng.NextInt32(4), QuantumTokens = 1 + prng.NextInt32(6), SwitchCostTokens = prng.NextInt32(3), Seed = prng.NextUInt64() },
            Switching = new()
            {
                SwapBlocks = prng.NextInt32(8) == 0 ? 0 : 4 + prng.NextInt32(120),
                Preemption = prng.NextInt32(8) == 0 ? PreemptionMode.Recompute : PreemptionMode.Swap,
                Allocator = Allocators[prng.NextInt32(3)],
                Groups = new(1 + prng.NextInt32(6), 1 + prng.NextInt32(3)),
                Timing = (SwitchTiming)prng.NextInt32(3),
                KeepCopies = prng.NextInt32(3) > 0,
                Undo = prng.NextInt32(3) > 0,
                WriteThrough = prng.NextInt32(4) == 0,
                CopyFinishedTurns = prng.NextInt32(2) == 0,
                QuantumTokens = prng.NextInt32(4),
                SkipToFit = prng.NextInt32(3) == 0,
                Victims = (VictimRule)prng.NextInt32(2),
                Batch = (BatchForm)prng.NextInt32(2),
                Contamination = (ContaminationOrder)prng.NextInt32(2),
            },
        };
    }
}
