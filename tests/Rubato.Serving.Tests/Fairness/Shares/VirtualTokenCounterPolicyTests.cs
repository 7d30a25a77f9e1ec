using Rubato.Serving.Fairness;
using Rubato.Serving.Fairness.Costs;
using Rubato.Serving.Fairness.Shares;

namespace Rubato.Serving.Tests.Fairness.Shares;

public sealed class VirtualTokenCounterPolicyTests
{
    private static VirtualTokenCounterPolicy Vtc(ServicePolicyOptions? options = null, bool preemptive = false) => new(options ?? new(), preemptive);

    private static void Admit(PolicyServer server, string client, int requests, int prompt, int output, string user = "")
    {
        for (var i = 0; i < requests; i++)
        {
            server.Admit(client, prompt, output, user);
        }
    }

    private static string OrderOf(PolicyServer server) => string.Concat(server.Starts.Select(sequence => sequence.Client));

    [Fact]
    public void Clients_are_served_by_counter_one_request_at_a_time()
    {
        var policy = Vtc();
        var server = new PolicyServer(policy, 1000, runningMax: 1);
        Admit(server, "A", 3, 100, 10);
        Admit(server, "B", 3, 50, 10);

        server.RunToEnd();

        Assert.Equal("ABBABA", OrderOf(server));
        Assert.Equal(360, policy.CounterOf("A"));
        Assert.Equal(210, policy.CounterOf("B"));
    }

    [Fact]
    public void A_client_that_comes_later_is_lifted_to_those_who_wait()
    {
        var policy = Vtc();
        var server = new PolicyServer(policy, 1000, runningMax: 1);
        Admit(server, "A", 3, 100, 10);
        Admit(server, "B", 3, 50, 10);
        while (server.Live.Count > 3)
        {
            server.Step();
        }

        Admit(server, "C", 3, 20, 5);
        server.RunToEnd();

        Assert.Equal("ABBACBCCA", OrderOf(server));
        Assert.Equal(360, policy.CounterOf("A"));
        Assert.Equal(210, policy.CounterOf("B"));
        Assert.Equal(210, policy.CounterOf("C"));
    }

    [Fact]
    public void When_nobody_waits_a_client_is_lifted_to_the_one_that_waited_last()
    {
        var policy = Vtc();
        var server = new PolicyServer(policy, 1000, runningMax: 2);
        server.Admit("A", 100, 50);
        server.Step();
        server.Step();

        server.Admit("B", 10, 10);

        Assert.Equal(104, policy.CounterOf("A"));
        Assert.Equal(104, policy.CounterOf("B"));
    }

    [Fact]
    public void A_client_with_something_waiting_is_not_lifted()
    {
        var policy = Vtc();
        var server = new PolicyServer(policy, 1000, runningMax: 1);
        Admit(server, "A", 2, 100, 10);
        server.RunToEnd();
        Assert.Equal(240, policy.CounterOf("A"));
        Admit(server, "B", 2, 50, 10);
        Assert.Equal(240, policy.CounterOf("B"));
        server.Step();
        Assert.Equal(292, policy.CounterOf("B"));
        server.Admit("A", 1, 1);
        Assert.Equal(292, policy.CounterOf("A"));
        server.Admit("B", 1, 1);
        Assert.Equal(292, policy.CounterOf("B"));
    }

    [Fact]
    public void Residents_are_offered_before_those_who_wait()
    {
        var policy = Vtc();
        var server = new PolicyServer(policy, 330, runningMax: 3);
        Admit(server, "A", 3, 100, 10);
        server.Step();
        Assert.Equal(3, server.Taken.Count);
        Admit(server, "B", 3, 100, 10);

        server.Step();

        Assert.All(server.Taken, sequence => Assert.Equal("A", sequence.Client));
        Assert.Equal(0, server.Displacements);
    }

    [Fact]
    public void The_profile_of_a_request_of_256_and_256_tokens()
    {
        var cost = ServiceCost.Of(new() { Cost = ServiceCostKind.Profiled });

        var charged = cost.OfPrompt(256);
        for (var token = 0; token < 256; token++)
        {
            charged += cost.OfOutput(256, token, token + 1);
        }

        // 0.21001891·256 + 0.10075395·256 + 0.0039868·256² + 0.00324733·256² + 1.14601454
        Assert.Equal(554.79979, charged, 4);
    }

    [Theory]
    [InlineData(ServiceCostKind.Weighted, OutputPrediction.None)]
    [InlineData(ServiceCostKind.Weighted, OutputPrediction.ClientAverage)]
    [InlineData(ServiceCostKind.Weighted, OutputPrediction.Limit)]
    [InlineData(ServiceCostKind.Profiled, OutputPrediction.None)]
    [InlineData(ServiceCostKind.Profiled, OutputPrediction.ClientAverage)]
    [InlineData(ServiceCostKind.Profiled, OutputPrediction.Limit)]
    public void In_the_end_everybody_has_paid_for_what_they_got(ServiceCostKind kind, OutputPrediction prediction)
    {
        var options = new ServicePolicyOptions { Cost = kind, Prediction = prediction };
        var cost = ServiceCost.Of(options);
        var policy = Vtc(options);
        var server = new PolicyServer(policy, 400, runningMax: 4);
        var expected = 0.0;
        foreach (var (prompt, output) in new[] { (30, 7), (10, 40), (50, 1), (20, 20), (5, 60), (33, 12) })
        {
            server.Admit("A", prompt, output);
            expected += cost.OfPrompt(prompt) + cost.OfOutput(prompt, 0, output);
        }

        var cancelled = server.Admit("A", 17, 1000 / 4);
        while (cancelled.OutputTokens < 9)
        {
            server.Step();
        }

        server.Cancel(cancelled);
        expected += cost.OfPrompt(17) + cost.OfOutput(17, 0, 9);
        server.RunToEnd();

        Assert.Equal(expected, policy.CounterOf("A")!.Value, 6);
    }

    [Fact]
    public void A_prediction_is_the_mean_of_the_last_five_outputs()
    {
        var policy = Vtc(new() { Prediction = OutputPrediction.ClientAverage });
        var server = new PolicyServer(policy, 10_000, runningMax: 1);
        foreach (var output in new[] { 1000, 10, 20, 30, 40, 50 })
        {
            server.Admit("A", 1, output);
        }

        server.RunToEnd();
        var before = policy.CounterOf("A")!.Value;
        server.Admit("A", 1, 500);
        server.Step();

        Assert.Equal(before + 1 + 2 * 30, policy.CounterOf("A"));
    }

    [Fact]
    public void Clients_that_are_gone_are_forgotten_beyond_a_bound()
    {
        var policy = Vtc();
        var server = new PolicyServer(policy, 100, runningMax: 1);
        for (var i = 0; i < 5000; i++)
        {
            server.Admit($"client {i}", 1, 1, user: $"user {i}");
            server.Admit("one", 1, 1, user: $"user {i}");
            server.RunToEnd();
        }

        Assert.Equal(1024, policy.RememberedClients);
        Assert.Equal(64, policy.RememberedUsers("one"));
    }
}
