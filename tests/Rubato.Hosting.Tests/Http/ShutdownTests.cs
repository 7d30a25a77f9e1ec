using System.Net;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Http;

public sealed class ShutdownTests
{
    private const string Stream =
        """{"model":"fake/model-1","messages":[{"role":"user","content":"hello"}],"temperature":0,"max_tokens":20,"stream":true}""";

    [Fact]
    public async Task Stop_LetsStreamsFinish_AndRefusesNewRequests()
    {
        var gate = new StepGate();
        await using var server = await TestServer.StartAsync(new() { Gate = gate });
        using var response = await server.PostStreamAsync("/v1/chat/completions", Stream.Replace("20", "4050", StringComparison.Ordinal));
        using var sse = await Sse.OpenAsync(response);
        gate.WaitForStep();
        var stopped = server.Server.StopAsync();
        PassStepsUntil(gate, () => server.Engine.Engine.Snapshot.State == EngineState.Draining);
        var late = server.PostAsync("/v1/chat/completions", Stream);
        PassStepsUntil(gate, () => late.IsCompleted);

        using var refused = await late;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("shutting_down", (await OpenAiErrors.ReadAsync(refused)).GetProperty("code").GetString());
        using var health = await server.Client.GetAsync("/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        gate.Open();
        Assert.Equal("[DONE]", (await sse.DataAsync())[^1]);
        await Wait.AtMost(stopped);
    }

    [Fact]
    public async Task Stop_BreaksOffWhatOutlivesTheDrainTime_WithAnErrorEvent()
    {
        var time = new FakeTimeProvider();
        var gate = new StepGate();
        await using var server = await TestServer.StartAsync(new() { Gate = gate, Time = time, Engine = new() { DrainSeconds = 4 } });
        using var response = await server.PostStreamAsync("/v1/chat/completions", Stream);
        using var sse = await Sse.OpenAsync(response);
        gate.WaitForStep();
        var stopped = server.Server.StopAsync();
        time.Advance(TimeSpan.FromSeconds(4.1));
        gate.Release();
        var lines = new List<string>();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await sse.LineAsync() is { } line)
            {
                lines.Add(line);
            }
        });
        Assert.Contains("shutting down", lines[^1], StringComparison.Ordinal);
        await Wait.AtMost(stopped);
    }

    private static void PassStepsUntil(StepGate gate, Func<bool> isReached)
    {
        while (!isReached())
        {
            gate.Release();
            gate.WaitForStep();
        }
    }
}
