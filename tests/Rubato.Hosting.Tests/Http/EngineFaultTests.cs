using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Rubato.Hosting.Chat;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Http;

/// <summary>An engine that has failed for good says so, and not that it is shutting down.</summary>
public sealed class EngineFaultTests
{
    private const string Path = "/v1/chat/completions";
    private const string Request = """{"model":"fake/model-1","messages":[{"role":"user","content":"hello"}],"max_tokens":3}""";

    [Fact]
    public async Task AfterAFault_RequestsAreRefusedAsAFailure_AndHealthSaysSo()
    {
        var logs = new LogRecorder();
        await using var server = await TestServer.StartAsync(logs: logs);
        server.Engine.Scheduler.Completed = _ => throw new InvalidOperationException("a defect");
        using var hit = await server.PostAsync(Path, Request);
        Assert.Equal(HttpStatusCode.InternalServerError, hit.StatusCode);
        var error = await OpenAiErrors.ReadAsync(hit);
        Assert.Equal(EngineFaultedException.Explanation, error.GetProperty("message").GetString());

        var before = logs.About(Path).Count();
        using var later = await server.PostAsync(Path, Request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, later.StatusCode);
        error = await OpenAiErrors.ReadAsync(later);
        Assert.Equal(EngineFaultedException.Explanation, error.GetProperty("message").GetString());
        Assert.Equal(("server_error", "engine_failed"), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
        var (level, _, exception) = Assert.Single(logs.About(Path).Skip(before));
        Assert.Equal((LogLevel.Warning, null), (level, exception));

        using var health = await server.Client.GetAsync("/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("""{"status":"faulted"}""", await health.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task AFaultMidway_BreaksTheStreamOffWithItsReason()
    {
        var steps = 0;
        await using var server = await TestServer.StartAsync();
        server.Engine.Scheduler.Completed = _ =>
        {
            if (++steps == 3)
            {
                throw new InvalidOperationException("a defect");
            }
        };
        using var response = await server.PostStreamAsync(Path, Request.Replace("3", "50,\"stream\":true", StringComparison.Ordinal));
        using var sse = await Sse.OpenAsync(response);
        var lines = new List<string>();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await sse.LineAsync() is { } line)
            {
                lines.Add(line);
            }
        });
        Assert.Contains(EngineFaultedException.Explanation, lines.Last(line => line.Length > 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubmissionsAtTheFaultAndAfterIt_Throw()
    {
        await using var engine = new TestEngine();
        engine.Scheduler.Admitting = _ => throw new InvalidOperationException("a defect");
        var request = new GenerationRequest { PromptTokens = TestEngine.Prompt("x"), OutputTokensMax = 3 };
        await Assert.ThrowsAsync<EngineFaultedException>(() => Wait.AtMost(engine.Engine.SubmitAsync(request)));
        await Assert.ThrowsAsync<EngineFaultedException>(() => Wait.AtMost(engine.Engine.SubmitAsync(request)));
        using var chat = new RubatoChatClient(engine.Engine);
        await Assert.ThrowsAsync<EngineFaultedException>(() => Wait.AtMost(chat.GetResponseAsync("hello")));
        Assert.Equal(EngineState.Faulted, engine.Engine.Snapshot.State);
    }

    [Fact]
    public async Task AFullQueue_IsOneLineInTheLog()
    {
        var logs = new LogRecorder();
        var gate = new StepGate();
        await using var server = await TestServer.StartAsync(new() { Gate = gate, Scheduler = new() { RunningMax = 1, WaitingMax = 0 } }, logs: logs);
        using var first = await server.PostStreamAsync(Path, Request.Replace("3", "4000,\"stream\":true", StringComparison.Ordinal));
        gate.WaitForStep();
        var second = server.PostAsync(Path, Request);
        while (!second.IsCompleted)
        {
            gate.Release();
            gate.WaitForStep();
        }

        using var refused = await second;
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        var (level, message, exception) = Assert.Single(logs.About(Path));
        Assert.Equal((LogLevel.Information, null), (level, exception));
        Assert.StartsWith("POST /v1/chat/completions was refused with 429: ", message, StringComparison.Ordinal);
    }
}
