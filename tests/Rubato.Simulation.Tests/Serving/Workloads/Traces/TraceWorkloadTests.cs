using Rubato.Core;
using Rubato.Serving;
using Rubato.Simulation.Serving;
using Rubato.Simulation.Serving.Traces;

namespace Rubato.Simulation.Tests.Serving.Workloads.Traces;

public sealed class TraceWorkloadTests
{
    private static readonly RequestTrace Sessions = TraceReaderTests.Read("""
        {"timestamp": 0, "input_length": 1100, "output_length": 300, "hash_ids": [0, 1, 2]}
        {"timestamp": 500, "input_length": 1100, "output_length": 300, "hash_ids": [0, 11, 12]}
        {"timestamp": 1000, "input_length": 1600, "output_length": 100, "hash_ids": [0, 1, 3, 4]}
        {"timestamp": 2000, "input_length": 2100, "output_length": 100, "hash_ids": [0, 1, 3, 5, 6]}
        """);

    [Fact]
    public void The_latest_request_that_one_continues_is_its_parent() =>
        Assert.Equal([-1, -1, 0, 2], TraceSessions.Parents(Sessions.Rows.AsSpan()));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(128)]
    public void Equal_names_are_equal_beginnings_and_what_was_answered_is_asked_again(int divide)
    {
        var scripts = Issue(TraceWorkload.Create(Sessions, new(divide, 2), null));
        var block = 512 / divide;
        Assert.Equal([0, 1, 2, 4], scripts.Select(script => script.At.Seconds));
        Assert.Equal(["c0", "c1", "c0", "c0"], scripts.Select(script => script.Script.Request.Client));
        int Common(int a, int b)
        {
            var (x, y) = (scripts[a].Script, scripts[b].Script);
            var length = 0;
            while (length < y.Request.PromptTokens.Length && x.TokenAt(length) == y.Request.PromptTokens[length])
            {
                length++;
            }

            return length;
        }

        Assert.InRange(Common(0, 1), block, block + 2);
        Assert.Equal(scripts[2].Script.Request.PromptTokens.Length, Common(0, 2));
        Assert.Equal(scripts[3].Script.Request.PromptTokens.Length, Common(2, 3));
        Assert.Equal((1100 + divide - 1) / divide, scripts[0].Script.Request.PromptTokens.Length);
        Assert.Equal((300 + divide - 1) / divide, scripts[0].Script.ExpectedTokens);
    }

    [Fact]
    public void The_first_requests_can_be_taken_alone() => Assert.Equal(2, Issue(TraceWorkload.Create(Sessions, new(), 2)).Count);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 1)]
    [InlineData(1024, 1)]
    [InlineData(1, 0)]
    [InlineData(1, double.NaN)]
    public void Scaling_out_of_range_is_refused(int divide, double stretch) =>
        Assert.Throws<InvalidOptionException>(() => TraceWorkload.Create(Sessions, new(divide, stretch), null));

    internal static List<(RequestScript Script, Instant At)> Issue(IWorkload workload)
    {
        var arrivals = new Arrivals();
        workload.Begin(arrivals);
        var scripts = new List<(RequestScript, Instant)>();
        while (arrivals.Due.TryDequeue(out var arrival, out var key))
        {
            if (workload.Issue(arrival, key.At) is { } script)
            {
                scripts.Add((script, key.At));
                workload.Answered(script, AdmissionOutcome.Admitted, key.At);
                workload.Ended(script, new(script.Request.Id, script.ExpectedReason, script.ExpectedTokens), key.At);
            }
        }

        return scripts;
    }

    private sealed class Arrivals : IArrivals
    {
        public EventQueue<long> Due { get; } = new();

        public void Schedule(long arrival, Instant at) => Due.Enqueue(arrival, at);
    }
}
