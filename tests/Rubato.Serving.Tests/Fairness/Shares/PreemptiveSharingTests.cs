using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Fairness.Shares;

namespace Rubato.Serving.Tests.Fairness.Shares;

public sealed class PreemptiveSharingTests
{
    private static VirtualTokenCounterPolicy Policy(ServicePolicyOptions? options = null) => new(options ?? new(), preemptive: true);

    [Fact]
    public void The_threshold_is_the_quantum_and_what_a_switch_costs()
    {
        Assert.Equal(80, Policy().Threshold);
        Assert.Equal(2 * 15, Policy(new() { QuantumTokens = 10, SwitchCostTokens = 5 }).Threshold);
        Assert.Equal(7, Policy(new() { Threshold = 7 }).Threshold);
    }

    [Fact]
    public void One_who_waits_displaces_when_it_is_behind_by_more_than_the_threshold()
    {
        var policy = Policy(new() { Threshold = 10 });
        var server = new PolicyServer(policy, 1000, runningMax: 1);
        server.Admit("A", 1, 100);
        server.Admit("B", 1, 100);
        var turns = new List<string>();
        for (var step = 0; step < 60; step++)
        {
            var gap = Math.Abs(policy.CounterOf("A")!.Value - policy.CounterOf("B")!.Value);
            var before = server.Taken.Count > 0 ? server.Taken[0].Client : null;
            server.Step();
            var now = server.Taken[0].Client;
            turns.Add(now);

            Assert.True(before is null || (before != now) == gap > 10, $"{before} to {now} at a gap of {gap}");
        }

        Assert.Contains("A", turns);
        Assert.Contains("B", turns);
    }

    [Fact]
    public void A_sequence_that_was_brought_in_is_given_a_token_before_it_is_displaced()
    {
        var policy = Policy(new() { Threshold = 0 });
        var server = new PolicyServer(policy, 1000, runningMax: 1);
        var first = server.Admit("A", 500, 10);
        server.Step();
        first.TokensSinceResumed = 0;
        server.Admit("B", 1, 10);

        server.Step();
        Assert.Same(first, server.Taken[0]);
        server.Step();
        Assert.Equal("B", server.Taken[0].Client);
    }

    [Fact]
    public void A_client_that_comes_back_displaces_at_once_but_keeps_no_more_credit_than_that_takes()
    {
        var policy = Policy(new() { Threshold = 10 });
        var server = new PolicyServer(policy, 1000, runningMax: 1);
        server.Admit("A", 100, 500);
        server.Step();
        server.Admit("B", 1, 5);

        Assert.Equal(102, policy.CounterOf("A"));
        Assert.Equal(90, policy.CounterOf("B"));
        server.Step();
        Assert.Equal("B", server.Taken[0].Client);
    }

    [Fact]
    public void Between_updates_nobody_is_displaced()
    {
        var policy = Policy(new() { Threshold = 1, UpdateEveryIterations = 7 });
        var server = new PolicyServer(policy, 1000, runningMax: 1);
        server.Admit("A", 1, 300);
        server.Admit("B", 1, 300);
        var changes = new List<long>();
        for (var step = 0; step < 100; step++)
        {
            var before = server.Taken.Count > 0 ? server.Taken[0] : null;
            server.Step();
            if (before is not null && server.Taken[0] != before)
            {
                changes.Add(server.Iteration - 1);
            }
        }

        Assert.NotEmpty(changes);
        Assert.All(changes, iteration => Assert.Equal(0, iteration % 7));
    }

    [Fact]
    public void No_one_who_is_far_behind_waits_while_another_runs()
    {
        for (var seed = 0UL; seed < 6; seed++)
        {
            var random = new Prng(seed);
            var policy = Policy(new() { Threshold = 40 });
            var server = new PolicyServer(policy, 2000, runningMax: 4);
            for (var step = 0; step < 600; step++)
            {
                if (random.Chance(1, 8))
                {
                    server.Admit($"{(char)('A' + random.NextInt32(5))}", random.NextInt32(1, 100), random.NextInt32(1, 100));
                }

                var before = server.Live.ToDictionary(sequence => sequence, _ => 0.0);
                var counters = server.Live.Select(sequence => sequence.Client).Distinct().ToDictionary(client => client, client => policy.CounterOf(client)!.Value);
                var resident = server.Live.Where(sequence => sequence.IsResident && sequence.TokensSinceResumed > 0).ToHashSet();
                if (!server.Step())
                {
                    continue;
                }

                var left = before.Keys.Except(server.Taken).ToArray();
                foreach (var runs in server.Taken.Where(resident.Contains))
                {
                    // Counters are those before the step: charges of this selection only raise a client that waits.
                    Assert.DoesNotContain(left, waits =>
                        counters[runs.Client] - counters[waits.Client] > 40 && server.Taken.All(taken => taken.Client != waits.Client));
                }

                // Nor is anyone displaced by a client that is not that far behind.
                foreach (var displaced in left.Where(resident.Contains))
                {
                    Assert.DoesNotContain(server.Taken, taken =>
                        !resident.Contains(taken) && taken.TokensSinceResumed == 1 && taken.Client != displaced.Client
                        && counters[displaced.Client] - counters[taken.Client] <= 40
                        && server.Taken.Count(other => other.Client == displaced.Client) < resident.Count(other => other.Client == displaced.Client));
                }
            }
        }
    }
}
