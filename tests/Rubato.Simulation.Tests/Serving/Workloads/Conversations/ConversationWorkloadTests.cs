using Rubato.Core;
using Rubato.Simulation.Serving;
using Rubato.Simulation.Tests.Serving.Workloads.Traces;

namespace Rubato.Simulation.Tests.Serving.Workloads.Conversations;

public sealed class ConversationWorkloadTests
{
    [Fact]
    public void The_prompt_of_a_turn_is_all_that_was_said_before_and_something_new()
    {
        var scripts = Issue(new() { Conversations = 50, ThinkSecondsMean = 3 });
        foreach (var conversation in scripts.GroupBy(entry => entry.Script.Client))
        {
            int[] said = [];
            var before = Instant.Zero;
            foreach (var (script, at) in conversation)
            {
                var prompt = script.Request.PromptTokens;
                Assert.True(prompt.Length >= said.Length + 2 && prompt.Take(said.Length).SequenceEqual(said));
                Assert.True(at >= before);
                said = [.. prompt, .. Enumerable.Range(prompt.Length, script.ExpectedTokens).Select(script.TokenAt)];
                before = at;
            }

            Assert.InRange(said.Length, 4, 3500);
        }

        var first = scripts.GroupBy(entry => entry.Script.Client).Select(group => group.First().Script.Request.PromptTokens[..2].ToArray());
        Assert.Equal(50, first.Select(tokens => (tokens[0], tokens[1])).Distinct().Count());
    }

    [Fact]
    public void Arrivals_turns_and_lengths_have_their_distributions()
    {
        const int Count = 4000;
        var scripts = Issue(new() { Conversations = Count, Rate = 2, ContextTokensMax = 100_000, TurnsMax = 1000 });
        var turns = scripts.Count / (double)Count;
        Assert.InRange(turns, 5.5 * 0.93, 5.5 * 1.07);

        var begins = scripts.GroupBy(entry => entry.Script.Client).Select(group => group.First().At.Seconds).ToArray();
        Assert.InRange(Count / begins.Max(), 1.9, 2.1);

        // The median of a lognormal distribution is e to its parameter.
        var replies = scripts.Select(entry => (double)entry.Script.ExpectedTokens).Order().ToArray();
        Assert.InRange(replies[replies.Length / 2], 0.95 * Math.Exp(5), 1.05 * Math.Exp(5));
        var users = scripts.GroupBy(entry => entry.Script.Client).Select(group => (double)group.First().Script.Request.PromptTokens.Length).Order().ToArray();
        Assert.InRange(users[users.Length / 2], 0.92 * Math.Exp(3.7), 1.08 * Math.Exp(3.7));
        Assert.InRange(replies.Max(), 900, 1000);
    }

    [Fact]
    public void The_same_seed_gives_the_same_conversations_and_clients_take_them_in_turn()
    {
        var (a, b) = (Issue(new() { Conversations = 30, Clients = 4 }), Issue(new() { Conversations = 30, Clients = 4 }));
        Assert.Equal(a.Select(entry => (entry.At, entry.Script.ExpectedTokens)), b.Select(entry => (entry.At, entry.Script.ExpectedTokens)));
        Assert.Equal(["c0", "c1", "c2", "c3"], a.Select(entry => entry.Script.Request.Client).Distinct().Order());
    }

    [Fact]
    public void Two_clients_ask_evenly_one_twice_as_often()
    {
        var scripts = TraceWorkloadTests.Issue(TwoClients.Create(300, 1.5));
        var (modest, greedy) = (Of(TwoClients.Modest), Of(TwoClients.Greedy));
        Assert.Equal((100, 200), (modest.Length, greedy.Length));
        Assert.All(modest, (at, i) => Assert.Equal(i / 1.5, at, 1e-6));
        Assert.All(greedy, (at, i) => Assert.Equal(i / 3.0, at, 1e-6));
        Assert.All(scripts, entry => Assert.Equal((256, 256), (entry.Script.Request.PromptTokens.Length, entry.Script.ExpectedTokens)));

        double[] Of(string client) => [.. scripts.Where(entry => entry.Script.Request.Client == client).Select(entry => entry.At.Seconds)];
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, double.NaN)]
    public void Parameters_out_of_range_are_refused(int conversations, double rate) =>
        Assert.Throws<InvalidOptionException>(() => new ConversationParameters { Conversations = conversations, Rate = rate }.Validated());

    private static List<(RequestScript Script, Instant At)> Issue(ConversationParameters parameters) =>
        TraceWorkloadTests.Issue(new ConversationWorkload(parameters.Validated(), 1 << 20, new Prng(5)));
}
