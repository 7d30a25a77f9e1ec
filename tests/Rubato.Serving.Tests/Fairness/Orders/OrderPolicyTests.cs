using Rubato.Core;
using Rubato.Serving.Fairness;

namespace Rubato.Serving.Tests.Fairness.Orders;

public sealed class OrderPolicyTests
{
    [Fact]
    public void First_come_is_first_served_and_never_displaced()
    {
        var random = new Prng(1);
        var server = new PolicyServer(ServicePolicies.Create("fcfs"), 200, runningMax: 5);
        for (var step = 0; step < 2000; step++)
        {
            if (random.Chance(1, 5))
            {
                server.Admit($"{random.NextInt32(3)}", random.NextInt32(1, 60), random.NextInt32(1, 40), priority: random.NextInt32(9));
            }

            server.Step();
        }

        server.RunToEnd();
        Assert.Equal(0, server.Displacements);
        Assert.True(server.Starts.Count > 300);
        Assert.Equal(server.Starts.Select(sequence => sequence.ArrivalNumber).Order(), server.Starts.Select(sequence => sequence.ArrivalNumber));
    }

    [Fact]
    public void A_lower_priority_number_displaces_and_equal_ones_keep_their_places()
    {
        var server = new PolicyServer(ServicePolicies.Create("static"), 1000, runningMax: 2);
        var late = server.Admit("A", 1, 50, priority: 3);
        var early = server.Admit("A", 1, 50, priority: 1);
        server.Step();
        Assert.Equal([early, late], server.Taken);

        var equal = server.Admit("A", 1, 50, priority: 1);
        var urgent = server.Admit("A", 1, 5, priority: -2);
        server.Step();
        Assert.Equal([urgent, early], server.Taken);
        while (urgent.OutputTokens < 5)
        {
            server.Step();
        }

        server.Step();
        Assert.Equal([early, equal], server.Taken);
        server.RunToEnd();
    }

    [Fact]
    public void A_resident_stands_before_an_earlier_arrival_of_its_priority()
    {
        var policy = ServicePolicies.Create("static");
        PolicySequence[] live = [new(0) { Priority = 1 }, new(1) { Priority = 1, IsResident = true }, new(2) { Priority = 1 }];
        policy.BeginSelection(live, 0, Instant.Zero);

        Assert.Equal([1L, 0L, 2L], Enumerable.Range(0, 3).Select(_ => policy.Next()!.ArrivalNumber));
        Assert.Null(policy.Next());
    }

    [Fact]
    public void Turns_go_round_by_quanta()
    {
        var server = new PolicyServer(ServicePolicies.Create("round-robin", new() { QuantumTokens = 3 }), 1000, runningMax: 1);
        for (var i = 0; i < 3; i++)
        {
            server.Admit("A", 10, 7);
        }

        var order = new List<long>();
        server.OnServed = (sequence, _, _) => order.Add(sequence.ArrivalNumber);
        server.RunToEnd();

        Assert.Equal([0L, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 1, 2], order);
    }

    [Fact]
    public void Between_two_turns_everybody_else_has_one_at_most()
    {
        var random = new Prng(5);
        var server = new PolicyServer(ServicePolicies.Create("round-robin", new() { QuantumTokens = 4 }), 500, runningMax: 3);
        var waited = new Dictionary<PolicySequence, int>();
        server.OnServed = (served, _, _) =>
        {
            waited[served] = 0;
            foreach (var other in server.Live.Where(other => !server.Taken.Contains(other)))
            {
                waited[other] = waited.GetValueOrDefault(other) + 1;
                Assert.True(waited[other] <= 4 * (server.Live.Count + 3), $"{other} saw {waited[other]} tokens go to others");
            }
        };
        for (var i = 0; i < 40; i++)
        {
            server.Admit("A", random.NextInt32(1, 50), random.NextInt32(1, 60));
        }

        server.RunToEnd();
        Assert.Equal(40, server.Starts.Count);
    }
}
