using System.Collections.Immutable;
using System.Diagnostics;
using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Fairness.Costs;

namespace Rubato.Serving.Tests.Fairness;

/// <summary>What holds for every policy.</summary>
public sealed class PolicyContractTests
{
    public static TheoryData<string> Names => [.. ServicePolicies.Names];

    private static IServicePolicy Create(string name) => ServicePolicies.Create(name, new()
    {
        Seed = 11,
        TraceCorrelation = 0.8,
        Prediction = OutputPrediction.ClientAverage,
        ClientWeights = ImmutableSortedDictionary<string, double>.Empty.Add("2", 2.5),
        DeficitQuantum = 100,
        StarvationSeconds = 1,
    });

    /// <summary>A seeded world of arrivals, cancellations and steps; returns a hash of who ran when.</summary>
    private static ulong Live(string name, ulong seed, int steps, bool toEnd)
    {
        var random = new Prng(seed);
        var server = new PolicyServer(Create(name), 700, runningMax: 8) { TimePerTokenMoved = new Duration(700) };
        var hash = 0UL;
        for (var step = 0; step < steps; step++)
        {
            if (random.Chance(1, 4))
            {
                var sequence = server.Admit(
                    $"{random.NextInt32(4)}", random.NextInt32(1, 120), random.NextInt32(1, 80), $"{random.NextInt32(3)}", random.NextInt32(-3, 3));
                sequence.MatchedTokens = random.NextInt32(sequence.PromptTokens);
            }

            if (random.Chance(1, 30) && server.Live.Count > 0)
            {
                server.Cancel(server.Live[random.NextInt32(server.Live.Count)]);
            }

            server.Step();
            foreach (var sequence in server.Taken)
            {
                hash = Prng.Mix(hash, (ulong)sequence.ArrivalNumber);
            }
        }

        if (toEnd)
        {
            server.RunToEnd();
        }

        return hash;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Equal_calls_give_equal_answers_and_everything_ends_once_arrivals_stop(string name)
    {
        for (var seed = 0UL; seed < (ulong)FuzzScale.Times(4); seed++)
        {
            Assert.Equal(Live(name, seed, 400, toEnd: true), Live(name, seed, 400, toEnd: true));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_selection_offers_every_live_sequence_once(string name)
    {
        var policy = Create(name);
        var random = new Prng(1);
        var live = new List<PolicySequence>();
        for (var round = 0; round < 200; round++)
        {
            var arrival = new PolicySequence(round) { Client = $"{random.NextInt32(5)}", User = $"{random.NextInt32(5)}", PromptTokens = 10 };
            arrival.IsResident = random.Chance(1, 2);
            live.Add(arrival);
            policy.Arrived(arrival, new(round));
            if (random.Chance(1, 3))
            {
                var leaving = live[random.NextInt32(live.Count)];
                live.Remove(leaving);
                policy.Left(leaving, new(round));
            }

            policy.BeginSelection(live, round, new(round));
            var offered = new List<IScheduledSequence>();
            while (policy.Next() is { } next)
            {
                offered.Add(next);
                if (random.Chance(1, 2))
                {
                    policy.Take(next);
                }
            }

            Assert.Equal(live.OrderBy(sequence => sequence.ArrivalNumber), offered.OrderBy(sequence => sequence.ArrivalNumber));
        }
    }

    [Theory]
    [InlineData("fcfs")]
    [InlineData("vtc")]
    [InlineData("dlpm")]
    public void Policies_that_do_not_displace_offer_residents_first(string name)
    {
        var policy = Create(name);
        var random = new Prng(2);
        var live = Enumerable.Range(0, 60)
            .Select(i => new PolicySequence(i) { Client = $"{i % 7}", IsResident = random.Chance(1, 3), PromptTokens = 1 + i })
            .ToList();
        live.ForEach(sequence => policy.Arrived(sequence, Instant.Zero));
        policy.BeginSelection(live, 0, Instant.Zero);

        var offered = Enumerable.Range(0, live.Count).Select(_ => policy.Next()!.IsResident).ToArray();
        Assert.Equal(offered.OrderByDescending(resident => resident), offered);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Steps_allocate_nothing(string name)
    {
        const int live = 256;
        const int rounds = 2000;
        var policy = Create(name);
        var sequences = new PolicySequence[live];
        for (var i = 0; i < live; i++)
        {
            sequences[i] = new(i)
            {
                Client = $"client {i % 27}", User = $"user {i % 100}", PromptTokens = 50 + i, OutputTokensMax = 100_000, BlocksWanted = 10, BlocksHeld = 10,
                Priority = i % 3, MatchedTokens = i % 50,
            };
            policy.Arrived(sequences[i], Instant.Zero);
        }

        var fastest = TimeSpan.MaxValue;
        var allocated = 0L;
        for (var round = 0; round < rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            Step(policy, sequences, round);
            var elapsed = Stopwatch.GetElapsedTime(started);
            fastest = elapsed < fastest ? elapsed : fastest;
            allocated += round < rounds / 3 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {fastest.TotalMicroseconds} µs");
    }

    private static void Step(IServicePolicy policy, PolicySequence[] sequences, int round)
    {
        var now = new Instant(round * 20_000_000L);
        policy.BeginSelection(sequences, round, now);
        var places = 64;
        while (policy.Next() is PolicySequence next)
        {
            next.IsResident = places-- > 0;
            if (next.IsResident)
            {
                policy.Take(next);
                next.TokensSinceResumed++;
                next.OutputTokens++;
            }
            else
            {
                next.TokensSinceResumed = 0;
            }
        }

        for (var i = 0; i < sequences.Length; i++)
        {
            if (sequences[i].IsResident)
            {
                policy.Served(sequences[i], 0, 1, now);
            }
        }
    }
}
