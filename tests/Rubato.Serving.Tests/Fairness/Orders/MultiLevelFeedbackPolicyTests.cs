using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Fairness.Orders;

namespace Rubato.Serving.Tests.Fairness.Orders;

public sealed class MultiLevelFeedbackPolicyTests
{
    // Quanta 20, 40, 80, 160.
    private static readonly ServicePolicyOptions Options = new() { QuantumTokens = 10, Levels = 4, LevelRatio = 2, StarvationSeconds = 3 };

    [Theory]
    [InlineData(1, 0)]
    [InlineData(20, 0)]
    [InlineData(21, 1)]
    [InlineData(40, 1)]
    [InlineData(81, 3)]
    [InlineData(100_000, 3)]
    public void A_request_joins_the_first_level_that_pays_for_its_prompt(int prompt, int level)
    {
        var policy = new MultiLevelFeedbackPolicy(Options);
        Assert.Equal(level, policy.JoinLevel(prompt));
        var sequence = new PolicySequence(0) { PromptTokens = prompt };
        policy.Arrived(sequence, Instant.Zero);
        Assert.Equal(level, sequence.Notes.Level);
    }

    [Fact]
    public void A_sequence_sinks_when_it_has_had_more_than_the_quantum_of_its_level()
    {
        var policy = new MultiLevelFeedbackPolicy(Options);
        var sequence = new PolicySequence(0) { PromptTokens = 2 };
        policy.Arrived(sequence, Instant.Zero);
        var levels = new List<long>();
        for (var token = 0; token < 150; token++)
        {
            policy.Served(sequence, token == 0 ? 2 : 0, 1, Instant.Zero);
            levels.Add(sequence.Notes.Level);
        }

        // 2 + 2·9 = 20 is not more than 20; then more than 40 and 80 take 21 and 41 tokens. The last level has no end.
        Assert.Equal(9, levels.Count(level => level == 0));
        Assert.Equal(21, levels.Count(level => level == 1));
        Assert.Equal(41, levels.Count(level => level == 2));
        Assert.Equal(3, levels[^1]);
    }

    [Fact]
    public void Short_requests_overtake_long_ones()
    {
        var server = new PolicyServer(ServicePolicies.Create("mlfq", Options with { StarvationSeconds = 1000 }), 10_000, runningMax: 1);
        var patient = server.Admit("A", 1, 200);
        for (var step = 0; step < 60; step++)
        {
            server.Step();
        }

        var quick = server.Admit("B", 1, 5);
        server.Step();
        Assert.Same(quick, server.Taken[0]);
        while (quick.OutputTokens < 5)
        {
            server.Step();
        }

        server.Step();
        Assert.Same(patient, server.Taken[0]);
    }

    [Fact]
    public void Nobody_waits_much_longer_than_the_threshold_under_a_flood_of_short_requests()
    {
        var server = new PolicyServer(ServicePolicies.Create("mlfq", Options), 2000, runningMax: 2);
        PolicySequence[] patients = [server.Admit("long", 100, 100), server.Admit("long", 300, 100)];
        var longest = patients.ToDictionary(sequence => sequence, _ => 0.0);
        while (server.Now.Seconds < 600 && patients.Any(patient => patient.OutputTokens < patient.OutputTokensMax))
        {
            while (server.Live.Count < 20)
            {
                server.Admit("short", 3, 6);
            }

            server.Step();
            foreach (var patient in patients)
            {
                longest[patient] = Math.Max(longest[patient], (server.Now - (patient.LastTokenAt ?? patient.AdmittedAt)).Seconds);
            }
        }

        Assert.All(patients, patient => Assert.Equal(patient.OutputTokensMax, patient.OutputTokens));

        // The threshold, and the quanta of those that were on the first level before it rose: a few steps.
        Assert.All(longest.Values, wait => Assert.InRange(wait, 1, 3 + 1));
    }
}
