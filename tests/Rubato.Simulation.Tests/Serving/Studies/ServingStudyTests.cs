using Rubato.Core;
using Rubato.Simulation.Serving.Profiles;
using Rubato.Simulation.Serving.Studies;

namespace Rubato.Simulation.Tests.Serving.Studies;

public sealed class ServingStudyTests
{
    private static readonly ServingStudyOptions Chats = new()
    {
        Profile = ServingProfileReader.BuiltIn("a10-llama3-8b"),
        Priorities = PriorityPattern.Random,
        Workload = new StudyWorkload.MultiTurn(new() { Conversations = 60, Rate = 4 }),
    };

    [Fact]
    public void Every_system_serves_everybody_and_a_seed_repeats_its_run()
    {
        foreach (var system in ServingStudy.Systems)
        {
            var (a, b) = (ServingStudy.Run(Chats with { Policy = system }), ServingStudy.Run(Chats with { Policy = system }));
            Assert.Equal(a.EventHash, b.EventHash);
            Assert.Equal((a.Ttft, a.ThroughputTokensPerSecond), (b.Ttft, b.ThroughputTokensPerSecond));
            Assert.Equal(a.Requests, a.Ttft!.Count);
            Assert.Equal(0, a.Refused);
            Assert.InRange(a.StalledShare, 0, 1);
        }
    }

    [Fact]
    public void Each_mechanism_adds_to_the_throughput_under_the_rules_of_the_prototype()
    {
        // Crowded, with priorities that change often: most contexts move out many times.
        var crowded = Chats with { UpdateEvery = 10, Workload = new StudyWorkload.MultiTurn(new() { Conversations = 200, Rate = 20 }) };
        string[] ladder = ["vllm-0.3", "groups", "groups-async", "fastswitch", "zero-cost"];
        var results = ladder.Select(system => ServingStudy.Run(crowded with { Policy = system, Rules = StudyRules.Prototype })).ToArray();
        var figures = string.Join("; ", results.Select(result => $"{result.ThroughputTokensPerSecond:F1} {result.StalledShare:F3} {result.BlocksOut} {result.BlocksIn}"));
        var throughput = results.Select(result => result.ThroughputTokensPerSecond).ToArray();

        Assert.True(throughput[0] < throughput[1], figures);
        Assert.True(throughput[1] < 1.02 * throughput[2], figures);
        Assert.True(throughput[2] < 1.02 * throughput[3], figures);
        Assert.True(throughput[3] < 1.02 * throughput[4], figures);
        Assert.True(results[3].StalledShare <= 0.05, figures);
        Assert.True(results[3].BlocksOut < 0.2 * results[0].BlocksOut, figures);
    }

    [Fact]
    public void Failed_transfers_lose_nobody()
    {
        var result = ServingStudy.Run(Chats with { FailPerMille = 100 });
        Assert.True(result.FailedTransfers > 0);
        Assert.Equal(result.Requests, result.Ttft!.Count);
    }

    [Fact]
    public void Contradictions_and_unknown_names_are_refused()
    {
        Assert.Contains("does not look at them", Refused(Chats with { Fairness = "vtc" }), StringComparison.Ordinal);
        Assert.Contains("needs priorities", Refused(Chats with { Fairness = "trace", Priorities = PriorityPattern.None }), StringComparison.Ordinal);
        Assert.Contains("use one of: vllm-0.1.7", Refused(Chats with { Policy = "orca" }), StringComparison.Ordinal);
        Assert.Contains("out of range", Refused(Chats with { Workload = new StudyWorkload.TwoClients(0) }), StringComparison.Ordinal);

        static string Refused(ServingStudyOptions options) => Assert.Throws<InvalidOptionException>(() => ServingStudy.Run(options)).Message;
    }
}
