using System.Collections.Immutable;
using System.Globalization;
using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Fairness.Costs;
using Rubato.Serving.Fairness.Metering;

namespace Rubato.Serving.Tests.Fairness;

public sealed class FairnessBoundTests
{
    private const int Memory = 2048;

    private static PolicyServer Server(string policy, ServicePolicyOptions? options = null) =>
        new(ServicePolicies.Create(policy, options), Memory)
        {
            Meter = new(options),
            TimePerTokenMoved = new Duration(500),
        };

    private static FairnessReport Run(PolicyServer server, IReadOnlyList<OpenLoad> loads, double seconds, ulong seed)
    {
        OpenLoad.Run(server, loads, seconds, seed);
        return server.Meter!.Report();
    }

    private static OpenLoad[] Overload => [new("slow", 1.5, 256, 256), new("fast", 3, 256, 256)];

    [Fact]
    public void Token_counters_keep_their_bound_under_overload_and_arrival_order_does_not()
    {
        for (var seed = 0UL; seed < 3; seed++)
        {
            var counters = Server("vtc");
            var bound = counters.Meter!.TokenCounterBound(256, Memory);
            Assert.Equal(2 * 2 * Memory, bound);

            var fair = Run(counters, Overload, 200, seed);
            Assert.InRange(fair.MaxServiceGap, 1, bound);
            Assert.All(fair.Curve, point => Assert.InRange(point.Gap, 0, bound));
            Assert.True(Run(Server("fcfs"), Overload, 200, seed).MaxServiceGap > bound);
        }
    }

    [Fact]
    public void Token_counters_keep_their_bound_among_27_clients_of_very_different_rates()
    {
        OpenLoad[] loads = [.. Enumerable.Range(1, 27).Select(rank => new OpenLoad($"client {rank}", 3.0 / rank, 300, 200, Exact: false))];
        var counters = Server("vtc");
        var bound = counters.Meter!.TokenCounterBound(300, Memory);

        Assert.InRange(Run(counters, loads, 120, 1).MaxServiceGap, 1, bound);
        Assert.True(Run(Server("fcfs"), loads, 120, 1).MaxServiceGap > bound);
    }

    [Fact]
    public void Token_counters_keep_their_bound_over_random_workloads()
    {
        for (var seed = 0UL; seed < (ulong)FuzzScale.Times(8); seed++)
        {
            var random = new Prng(seed);
            var prompt = random.NextInt32(1, 600);
            var output = random.NextInt32(1, 400);
            OpenLoad[] loads =
            [
                .. Enumerable.Range(0, random.NextInt32(2, 9)).Select(client =>
                    new OpenLoad($"{client}", 0.2 + 5 * random.NextDouble(), random.NextInt32(1, prompt + 1), random.NextInt32(1, output + 1), random.Chance(1, 2))),
            ];
            var options = new ServicePolicyOptions { PromptWeight = random.NextInt32(3), OutputWeight = random.NextInt32(1, 5) };
            var server = Server("vtc", options);

            // Prompts are charged with at most w_p, and w_p may be above w_q here: M tokens of prompts then weigh w_p·M.
            var bound = 2 * Math.Max(options.PromptWeight, options.OutputWeight) * Memory;
            var gap = Run(server, loads, 60, seed).MaxServiceGap;
            Assert.True(gap <= bound, $"seed {seed}: {gap} above {bound}");
        }
    }

    [Fact]
    public void Displacement_keeps_the_gap_near_its_threshold()
    {
        var server = Server("vtc-preemptive");
        var report = Run(server, Overload, 200, 4);

        // A prompt and a quantum above the threshold, both ways.
        Assert.InRange(report.MaxServiceGap, 1, 2 * (80 + 256 + 2 * Memory / 512));
        Assert.True(server.Displacements > 0);
    }

    [Fact]
    public void Displacement_serves_the_worst_client_no_later_and_costs_little_throughput()
    {
        OpenLoad[] loads = [new("light", 0.05, 100, 60), new("flood", 3, 256, 256)];
        var without = Server("vtc");
        var with = Server("vtc-preemptive");
        var waiting = Run(without, loads, 400, 2);
        var displacing = Run(with, loads, 400, 2);

        var light = displacing.Clients.Single(client => client.Client == "light").P99TimeToFirstToken;
        Assert.True(light < waiting.Clients.Single(client => client.Client == "light").P99TimeToFirstToken / 2, $"{light} s");
        Assert.True(displacing.WorstClientP99TimeToFirstToken <= 1.05 * waiting.WorstClientP99TimeToFirstToken);
        Assert.True(with.OutputTokens >= 0.95 * without.OutputTokens, $"{with.OutputTokens} of {without.OutputTokens}");
    }

    [Fact]
    public void A_flood_of_one_client_does_not_double_another_one_s_wait()
    {
        foreach (var think in new[] { 0.5, 2, 7 })
        {
            var calm = P99OfLight(beside: 2, think);
            var pressed = P99OfLight(beside: 50, think);
            Assert.True(pressed <= 2 * calm, $"{pressed} s beside 50 requests, {calm} s beside 2, at {think} s between requests");
        }
    }

    /// <summary>A client that sends one request after the other beside one that always has a number of them out.</summary>
    private static double P99OfLight(int beside, double think)
    {
        var server = new PolicyServer(ServicePolicies.Create("vtc-preemptive"), Memory)
        {
            Meter = new(),
            TimePerPromptToken = Duration.FromMicroseconds(50),
            TimePerTokenMoved = new Duration(500),
        };
        PolicySequence? light = null;
        while (server.Now.Seconds < 400)
        {
            if (light is null || (light.OutputTokens == light.OutputTokensMax && (server.Now - light.LastTokenAt!.Value).Seconds >= think))
            {
                light = server.Admit("light", 100, 60);
            }

            while (server.Live.Count(sequence => sequence.Client == "other") < beside)
            {
                server.Admit("other", 256, 256);
            }

            server.Step();
        }

        var measured = server.Meter.Report().Clients.Single(client => client.Client == "light");
        Assert.True(measured.FirstTokens > 40, $"{measured}");
        return measured.P99TimeToFirstToken!.Value;
    }

    [Theory]
    [InlineData("vtc")]
    [InlineData("vtc-preemptive")]
    public void A_client_of_three_times_the_weight_receives_three_times_the_service(string policy)
    {
        var options = new ServicePolicyOptions { ClientWeights = ImmutableSortedDictionary<string, double>.Empty.Add("heavy", 3) };
        var report = Run(Server(policy, options), [new("heavy", 5, 100, 100), new("plain", 5, 100, 100)], 300, 6);

        var heavy = report.Clients.Single(client => client.Client == "heavy").Service;
        var plain = report.Clients.Single(client => client.Client == "plain").Service;
        Assert.Equal(3, heavy / plain, 0.15);
        Assert.True(report.Jain > 0.99);
    }

    [Theory]
    [InlineData("vtc")]
    [InlineData("vtc-preemptive")]
    public void Users_share_what_their_client_has_and_inventing_users_gains_nothing(string policy)
    {
        var services = new List<double>();
        foreach (var users in new[] { 1, 25 })
        {
            var server = Server(policy);
            var ofUsers = new double[users];
            server.OnServed = (sequence, prompt, output) =>
            {
                if (sequence.Client == "inventive")
                {
                    ofUsers[int.Parse(sequence.User, CultureInfo.InvariantCulture)] += prompt + 2 * output;
                }
            };
            while (server.Now.Seconds < 300)
            {
                Refill(server, "honest", "0", 40);
                for (var user = 0; user < users; user++)
                {
                    Refill(server, "inventive", $"{user}", 50 / users);
                }

                server.Step();
            }

            var clients = server.Meter!.Report().Clients;
            services.Add(clients.Single(client => client.Client == "honest").Service);
            Assert.Equal(1, services[^1] / clients.Single(client => client.Client == "inventive").Service, 0.05);
            Assert.True(ofUsers.Min() > 1000, $"{ofUsers.Min()}");
            Assert.True(ofUsers.Max() - ofUsers.Min() <= server.Meter!.TokenCounterBound(100, Memory) / 4, $"{ofUsers.Min()} to {ofUsers.Max()}");
        }

        Assert.Equal(1, services[0] / services[1], 0.03);
    }

    private static void Refill(PolicyServer server, string client, string user, int requests)
    {
        for (var live = server.Live.Count(sequence => sequence.Client == client && sequence.User == user); live < requests; live++)
        {
            server.Admit(client, 100, 50, user);
        }
    }

    [Fact]
    public void Predicted_lengths_narrow_the_gap()
    {
        OpenLoad[] loads = [new("long", 2, 50, 400), new("short", 4, 50, 100)];
        var none = Run(Server("vtc"), loads, 150, 8).MaxServiceGap;
        var limit = Run(Server("vtc", new() { Prediction = OutputPrediction.Limit }), loads, 150, 8).MaxServiceGap;

        Assert.True(limit <= none, $"{limit} with the length known, {none} without");
    }
}
