using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Fairness.Deficits;

namespace Rubato.Serving.Tests.Fairness.Deficits;

public sealed class DeficitPrefixPolicyTests
{
    private static IEnumerable<long> Offers(IServicePolicy policy, IReadOnlyList<PolicySequence> live, bool take)
    {
        policy.BeginSelection(live, 0, Instant.Zero);
        while (policy.Next() is { } next)
        {
            if (take)
            {
                policy.Take(next);
            }

            yield return next.ArrivalNumber;
        }
    }

    private static PolicySequence[] Arrive(IServicePolicy policy, params (string Client, int Prompt, int Matched)[] requests)
    {
        var live = requests
            .Select((request, i) => new PolicySequence(i) { Client = request.Client, PromptTokens = request.Prompt, MatchedTokens = request.Matched })
            .ToArray();
        foreach (var sequence in live)
        {
            policy.Arrived(sequence, Instant.Zero);
        }

        return live;
    }

    [Fact]
    public void The_longest_match_is_first_among_clients_that_have_something_left()
    {
        var policy = new DeficitPrefixPolicy(new() { DeficitQuantum = 100 });
        var live = Arrive(policy, ("A", 50, 0), ("A", 200, 150), ("B", 100, 10), ("B", 100, 90), ("B", 100, 90));

        // Nobody has anything: both are granted 100. A's 150 is the longest match and costs 50, then B's two of 90 cost 10 each, then B's
        // 10 costs 90, then A's last 50.
        Assert.Equal([1, 3, 4, 2, 0], Offers(policy, live, take: true));
        Assert.Equal(0, policy.DeficitOf("A"));
        Assert.Equal(-10, policy.DeficitOf("B"));
    }

    [Fact]
    public void Who_has_used_up_its_quantum_waits_for_the_others()
    {
        var policy = new DeficitPrefixPolicy(new() { DeficitQuantum = 100 });
        var live = Arrive(policy, ("A", 1000, 900), ("A", 1000, 900), ("A", 1000, 900), ("B", 60, 0), ("B", 60, 0));

        // A: 100 − 100 = 0 after one; B: 100 − 60 − 60 = −20 after two; then both are granted 100 again.
        Assert.Equal([0, 3, 4, 1, 2], Offers(policy, live, take: true));
    }

    [Fact]
    public void Residents_are_first_and_output_is_subtracted()
    {
        var policy = new DeficitPrefixPolicy(new());
        var live = Arrive(policy, ("A", 10, 9), ("B", 10, 0), ("A", 10, 0));
        live[1].IsResident = true;
        live[2].IsResident = true;

        Assert.Equal([1, 2, 0], Offers(policy, live, take: false));
        policy.Served(live[1], 0, 7, Instant.Zero);
        Assert.Equal(-14, policy.DeficitOf("B"));
    }

    [Fact]
    public void A_request_is_charged_once_and_only_for_what_is_not_cached()
    {
        var policy = new DeficitPrefixPolicy(new());
        var live = Arrive(policy, ("A", 100, 64));
        policy.Take(live[0]);
        policy.Take(live[0]);
        Assert.Equal(-36, policy.DeficitOf("A"));
    }

    [Fact]
    public void Credit_is_lost_and_debt_is_kept_by_a_client_that_leaves()
    {
        var policy = new DeficitPrefixPolicy(new() { DeficitQuantum = 100 });
        var live = Arrive(policy, ("A", 10, 0), ("B", 500, 0));
        Assert.Equal(2, Offers(policy, live, take: true).Count());
        Assert.Equal(90, policy.DeficitOf("A"));
        Assert.Equal(-400, policy.DeficitOf("B"));
        policy.Left(live[0], Instant.Zero);
        policy.Left(live[1], Instant.Zero);

        Arrive(policy, ("A", 10, 0), ("B", 10, 0));
        Assert.Equal(0, policy.DeficitOf("A"));
        Assert.Equal(-400, policy.DeficitOf("B"));
    }

    [Fact]
    public void No_client_starves_however_well_the_prompts_of_another_match()
    {
        var server = new PolicyServer(ServicePolicies.Create("dlpm", new() { DeficitQuantum = 300 }), 1000, runningMax: 4);
        var served = new Dictionary<string, int>();
        server.OnServed = (sequence, prompt, output) => served[sequence.Client] = served.GetValueOrDefault(sequence.Client) + prompt + 2 * output;
        while (server.Now.Seconds < 80)
        {
            while (server.Live.Count < 40)
            {
                server.Admit("known", 100, 40).MatchedTokens = 96;
                server.Admit("new", 100, 40);
            }

            server.Step();
        }

        // Of a request, 84 units are charged to the one and 180 to the other, so the one may have about twice as many requests.
        Assert.InRange((double)served["known"] / served["new"], 1, 2.6);
    }

    [Fact]
    public void Clients_that_are_gone_are_forgotten_beyond_a_bound()
    {
        var policy = new DeficitPrefixPolicy(new());
        var server = new PolicyServer(policy, 100);
        for (var i = 0; i < 3000; i++)
        {
            server.Admit($"client {i}", 1, 1);
            server.RunToEnd();
        }

        Assert.Equal(1024, policy.RememberedClients);
    }
}
