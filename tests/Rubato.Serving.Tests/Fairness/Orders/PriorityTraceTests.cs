using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Fairness.Orders;

namespace Rubato.Serving.Tests.Fairness.Orders;

public sealed class PriorityTraceTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public void Successive_priorities_have_the_correlation_that_was_asked_for(double correlation)
    {
        const int updates = 100_000;
        var trace = new PriorityTrace(42, correlation);
        var values = Enumerable.Range(0, updates).Select(update => trace.At(7, update)).ToArray();
        var mean = values.Average();
        var variance = values.Average(value => (value - mean) * (value - mean));
        var covariance = values.Zip(values.Skip(1), (a, b) => (a - mean) * (b - mean)).Average();

        Assert.Equal(correlation, covariance / variance, 0.02);
        Assert.Equal(1.0 / 12, variance, 0.003);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.8)]
    public void Priorities_are_uniform_over_conversations_at_every_update(double correlation)
    {
        const int conversations = 20_000;
        const int bins = 20;
        var trace = new PriorityTrace(3, correlation);
        foreach (var update in new[] { 0, 1, 1000 })
        {
            var counts = new int[bins];
            for (var conversation = 0UL; conversation < conversations; conversation++)
            {
                var value = trace.At(conversation, update);
                Assert.InRange(value, 0, 0.9999999999999999);
                counts[(int)(value * bins)]++;
            }

            var expected = (double)conversations / bins;
            var chiSquare = counts.Sum(count => (count - expected) * (count - expected) / expected);

            // 19 degrees of freedom: exceeded once in 10,000 uniform samples.
            Assert.True(chiSquare < 50.8, $"χ² = {chiSquare} at update {update}");
        }
    }

    [Fact]
    public void Going_on_from_an_earlier_priority_gives_the_same_as_starting_afresh()
    {
        var trace = new PriorityTrace(9, 0.8);
        var random = new Prng(1);
        for (var conversation = 0UL; conversation < 50; conversation++)
        {
            var at = 0L;
            var known = trace.At(conversation, at);
            for (var i = 0; i < 50; i++)
            {
                var next = at + random.NextInt32(1, 6);
                known = trace.At(conversation, next, at, known);
                at = next;
                Assert.Equal(trace.At(conversation, at), known);
            }
        }
    }

    [Fact]
    public void The_order_is_the_trace_s_and_changes_at_updates_only()
    {
        foreach (var options in new ServicePolicyOptions[]
        {
            new() { Seed = 5, TraceCorrelation = 0.8, UpdateEveryIterations = 10 },
            new() { Seed = 5, TraceCorrelation = 0.8, UpdateEverySeconds = 2 },
        })
        {
            var policy = ServicePolicies.Create("trace", options);
            var trace = new PriorityTrace(5, 0.8);
            var live = Enumerable.Range(0, 30).Select(i => new PolicySequence(i) { Client = $"c{i % 10}", User = $"u{i % 3}" }).ToArray();
            for (var step = 0; step < 200; step++)
            {
                var update = options.UpdateEverySeconds is null ? step / 10 : step / 4;
                policy.BeginSelection(live, step, Instant.FromSeconds(step * 0.5));
                var order = Enumerable.Range(0, 30).Select(_ => policy.Next()).ToArray();
                var expected = live
                    .OrderBy(sequence => trace.At(PriorityTracePolicy.ConversationOf(sequence), update))
                    .ThenBy(sequence => sequence.ArrivalNumber);

                Assert.Equal(expected, order);
            }
        }
    }

    [Fact]
    public void A_request_without_names_is_a_conversation_of_its_own()
    {
        Assert.Equal(17UL, PriorityTracePolicy.ConversationOf(new PolicySequence(17)));
        var a = PriorityTracePolicy.ConversationOf(new PolicySequence(1) { Client = "a", User = "b" });
        Assert.Equal(a, PriorityTracePolicy.ConversationOf(new PolicySequence(2) { Client = "a", User = "b" }));
        Assert.NotEqual(a, PriorityTracePolicy.ConversationOf(new PolicySequence(1) { Client = "b", User = "a" }));
        Assert.NotEqual(a, PriorityTracePolicy.ConversationOf(new PolicySequence(1) { Client = "ab" }));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_correlation_out_of_range_is_refused(double correlation) =>
        Assert.Contains("0…0.99", Assert.Throws<InvalidOptionException>(() => new PriorityTrace(1, correlation)).Message, StringComparison.Ordinal);
}
