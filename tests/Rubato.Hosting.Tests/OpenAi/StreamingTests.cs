using System.Net;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.OpenAi;

public sealed class StreamingTests
{
    private const string Stream =
        """{"model":"fake/model-1","messages":[{"role":"user","content":"hello"}],"temperature":0,"max_tokens":24,"stream":true}""";

    [Fact]
    public async Task SlowPrefill_SendsPings_FromAcceptanceOn()
    {
        var time = new FakeTimeProvider();
        var gate = new StepGate();
        await using var server = await TestServer.StartAsync(new() { Time = time, Gate = gate });
        using var response = await server.PostStreamAsync("/v1/chat/completions", Stream);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var sse = await Sse.OpenAsync(response);
        gate.WaitForStep();
        for (var i = 0; i < 12; i++)
        {
            // Two minutes of prefill; clients give up after 100 s without a byte.
            var line = sse.LineAsync();
            time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(": ping", await line);
        }

        gate.Open();
        Assert.Equal("[DONE]", (await sse.DataAsync())[^1]);
    }

    [Fact]
    public async Task FailureMidway_SendsAnErrorEvent_ThenResets_NeverDone()
    {
        var steps = 0;
        await using var server = await TestServer.StartAsync(new()
        {
            BeforeStep = _ =>
            {
                if (++steps > 5)
                {
                    throw new InvalidOperationException("a kernel failed");
                }
            },
        });
        using var response = await server.PostStreamAsync("/v1/chat/completions", Stream);
        using var sse = await Sse.OpenAsync(response);
        var lines = new List<string>();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await sse.LineAsync() is { } line)
            {
                lines.Add(line);
            }
        });
        Assert.Contains("\"error\":{", lines[^1], StringComparison.Ordinal);
        Assert.Contains("\"type\":\"server_error\"", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("data: [DONE]", lines);
        Assert.InRange(lines.Count, 2, 6);
    }

    [Fact]
    public async Task Disconnect_CancelsTheRequest_AndFreesItsBlocksWithinOneStep()
    {
        var cancelled = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var freed = new TaskCompletionSource<(long Steps, int Free)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new()
        {
            Scheduler = new() { KvBlocks = 65_536, ContextTokens = 1_000_000 },
        });
        var scheduler = server.Engine.Scheduler;
        scheduler.Cancelled = _ => cancelled.TrySetResult(scheduler.Snapshot.Counters.Steps);
        scheduler.Completed = _ =>
        {
            if (cancelled.Task.IsCompleted)
            {
                freed.TrySetResult((scheduler.Snapshot.Counters.Steps, scheduler.Snapshot.FreeBlocks));
            }
        };
        using (var response = await server.PostStreamAsync("/v1/chat/completions", Stream.Replace("24", "900000", StringComparison.Ordinal)))
        {
            using var sse = await Sse.OpenAsync(response);
            Assert.StartsWith("data: ", await sse.LineAsync());
        }

        var atCancel = await Wait.AtMost(cancelled.Task);
        var (steps, free) = await Wait.AtMost(freed.Task);
        Assert.Equal((atCancel + 1, 65_536), (steps, free));
    }

    [Fact]
    public async Task FullQueue_Answers429WithRetryAfter_AlsoToStreams()
    {
        var gate = new StepGate();
        await using var server = await TestServer.StartAsync(
            new() { Gate = gate, Scheduler = new() { RunningMax = 1, WaitingMax = 0, TokenBudgetPerStep = 64 } },
            options => options.Serving.Http.Limits.RetryAfterSeconds = 7);
        using var first = await server.PostStreamAsync("/v1/chat/completions", Stream.Replace("24", "4000", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        gate.WaitForStep();
        var secondTask = server.PostStreamAsync("/v1/chat/completions", Stream);
        while (!secondTask.IsCompleted)
        {
            gate.Release();
            gate.WaitForStep();
        }

        using var second = await secondTask;
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), second.Headers.RetryAfter?.Delta);
        Assert.Equal("rate_limit_error", await OpenAiErrors.TypeAsync(second));
    }

    [Fact]
    public async Task SixtyFourStreamsAtOnce_EachEqualsItsSingleStreamText()
    {
        await using var server = await TestServer.StartAsync(new() { Scheduler = new() { KvBlocks = 600, TokenBudgetPerStep = 128, RunningMax = 48 } });
        var streams = Enumerable.Range(0, 64).Select(async i =>
        {
            var body = Stream.Replace("24", "60", StringComparison.Ordinal).Replace("hello", $"user {i}", StringComparison.Ordinal);
            using var response = await server.PostStreamAsync("/v1/chat/completions", body);
            using var sse = await Sse.OpenAsync(response);
            var chunks = await sse.ChunksAsync();
            return string.Concat(chunks.Select(chunk =>
                chunk.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : ""));
        }).ToArray();
        for (var i = 0; i < streams.Length; i++)
        {
            Assert.Equal(TestEngine.ExpectedText(ChatCompletionTests.Prompt($"user {i}"), 60), await Wait.AtMost(streams[i]));
        }
    }
}
