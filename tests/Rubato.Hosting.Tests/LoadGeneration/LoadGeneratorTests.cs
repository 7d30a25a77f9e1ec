using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rubato.Core;
using Rubato.Hosting.LoadGeneration;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.LoadGeneration;

public sealed class LoadGeneratorTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData(400.0, false)]
    [InlineData(null, true)]
    public async Task CountsEveryRequestAndToken(double? rate, bool completions)
    {
        await using var server = await TestServer.StartAsync();
        var result = await Wait.AtMost(new LoadGenerator(new LoadOptions
        {
            Url = server.BaseAddress.ToString(),
            Requests = 40,
            Clients = 5,
            RatePerSecond = rate,
            OutputTokensMax = 16,
            IgnoresEndOfText = true,
            UsesCompletions = completions,
        }).RunAsync());
        Assert.Equal((40, 0), (result.Requests, result.Errors));
        Assert.Equal(TestEngine.ModelName, result.Model);
        Assert.Equal(40 * 16, result.ThroughputTokensPerSecond * result.Seconds, 6);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"client-{i}"), result.PerClient.Select(client => client.Client));
        Assert.All(result.PerClient, client => Assert.Equal(8, client.Requests));
        Assert.True(result.Ttft.P50 > 0 && result.Ttft.P50 <= result.Ttft.P95 && result.Ttft.P95 <= result.Ttft.P99);
        Assert.True(result.Tbt.P50 >= 0 && result.Tbt.P50 <= result.Tbt.P99);
    }

    [Fact]
    public async Task SharedWords_BeginEveryPrompt_AndTheServersCountsAreSummed()
    {
        await using var server = await TestServer.StartAsync();
        var options = new LoadOptions { Url = server.BaseAddress.ToString(), Requests = 6, Clients = 1, SharedWords = 12, PromptWordsMin = 2, PromptWordsMax = 3 };
        var prompts = Enumerable.Range(0, 6).Select(i => JsonDocument.Parse(LoadRequest.Make(options, "m", i).Body).RootElement
            .GetProperty("messages")[0].GetProperty("content").GetString()!.Split(' ')).ToArray();
        Assert.Single(prompts.Select(words => string.Join(' ', words[..12])).Distinct());
        Assert.All(prompts, words => Assert.InRange(words.Length, 14, 15));

        var result = await Wait.AtMost(new LoadGenerator(options).RunAsync());
        var sent = prompts.Sum(words => OpenAi.ChatCompletionTests.Prompt(string.Join(' ', words)).Length);
        var shared = OpenAi.ChatCompletionTests.Prompt(string.Join(' ', prompts[0][..12])).Length;
        Assert.Equal(sent, result.PromptTokens);
        Assert.InRange(result.CachedPromptTokens, 5 * ((shared - 20) / 16 * 16), sent);
        Assert.NotEqual(0, result.CachedPromptTokens);
    }

    [Fact]
    public async Task SameSeed_SendsTheSameRequests()
    {
        var options = new LoadOptions { Seed = 3, Clients = 4 };
        var first = Enumerable.Range(0, 50).Select(i => Encoding.UTF8.GetString(LoadRequest.Make(options, "m", i).Body)).ToArray();
        Assert.Equal(first, Enumerable.Range(0, 50).Select(i => Encoding.UTF8.GetString(LoadRequest.Make(options, "m", i).Body)));
        Assert.Equal(50, first.Distinct().Count());
        Assert.NotEqual(first[0], Encoding.UTF8.GetString(LoadRequest.Make(new LoadOptions { Seed = 4, Clients = 4 }, "m", 0).Body));
        Assert.All(first, body => Assert.InRange(
            JsonDocument.Parse(body).RootElement.GetProperty("messages")[0].GetProperty("content").GetString()!.Split(' ').Length, 16, 64));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task FullQueue_AndFailingStreams_CountAsErrors()
    {
        var gate = new StepGate();
        await using var server = await TestServer.StartAsync(
            new() { Gate = gate, Scheduler = new() { RunningMax = 2, WaitingMax = 0, TokenBudgetPerStep = 64 } });
        var run = new LoadGenerator(new LoadOptions { Url = server.BaseAddress.ToString(), Requests = 8, Clients = 8, OutputTokensMax = 4 }).RunAsync();
        gate.Open();
        var result = await Wait.AtMost(run);
        Assert.Equal(8, result.Requests);
        Assert.Equal(result.Errors, result.ErrorMessages.Sum(error => error.Count));
        Assert.All(result.ErrorMessages, error => Assert.StartsWith("429", error.Message));
    }

    [Fact]
    public async Task Json_HasTheDocumentedKeys()
    {
        await using var server = await TestServer.StartAsync();
        var result = await new LoadGenerator(new LoadOptions { Url = server.BaseAddress + "v1", Requests = 4, Clients = 2, OutputTokensMax = 3 }).RunAsync();
        var json = JsonDocument.Parse(LoadResultJson.Serialize(result)).RootElement;
        Assert.Equal(
            ["requests", "errors", "throughputTokensPerSecond", "ttft", "tbt", "perClient", "seed", "settings"], json.EnumerateObject().Select(key => key.Name));
        Assert.Equal(["p50", "p95", "p99"], json.GetProperty("ttft").EnumerateObject().Select(key => key.Name));
        Assert.Equal(["p50", "p95", "p99"], json.GetProperty("tbt").EnumerateObject().Select(key => key.Name));
        Assert.Equal(
            ["client", "requests", "errors", "throughputTokensPerSecond", "ttft", "tbt"], json.GetProperty("perClient")[0].EnumerateObject().Select(key => key.Name));
    }

    /// <summary>What other servers do: carriage returns, comments, no role chunk, usage beside the last choice, reasoning, no usage at all.</summary>
    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n", 2, null)]
    [InlineData(": hello\n\ndata:{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata:{\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}],\"usage\":null}\n\ndata:{\"choices\":[{\"delta\":{}, \"finish_reason\":\"length\"}],\"usage\":{\"completion_tokens\":9},\"timings\":{}}\n\ndata: [DONE]\n\n", 9, null)]
    [InlineData("event: message\nid: 3\ndata: {\"choices\":[{\"text\":\"a\",\"finish_reason\":null}]}\n\ndata: {\"choices\":[],\"usage\":{\"completion_tokens\":1}}\n\ndata: [DONE]\n\n", 1, null)]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n", 0, "the stream broke off")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n", 0, "the stream ended without [DONE]")]
    [InlineData("data: {\"error\":{\"message\":\"out of memory\",\"code\":500}}\n\n", 0, "out of memory")]
    [InlineData("data: not json\n\n", 0, "a chunk is not the JSON of a completion")]
    [InlineData("data: [1]\n\ndata: [DONE]\n\n", 0, "a chunk is not the JSON of a completion")]
    [InlineData("data: {\"choices\":7}\n\ndata: [DONE]\n\n", 0, "a chunk is malformed: 'choices' is a JSON Number, not Array")]
    [InlineData("data: {\"choices\":{}}\n\ndata: [DONE]\n\n", 0, "a chunk is malformed: 'choices' is a JSON Object, not Array")]
    [InlineData("data: {\"choices\":[3]}\n\ndata: [DONE]\n\n", 0, "a chunk is malformed: 'choices[]' is a JSON Number, not Object")]
    [InlineData("data: {\"choices\":[{\"delta\":\"x\"}]}\n\ndata: [DONE]\n\n", 0, "a chunk is malformed: 'delta' is a JSON String, not Object")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":5}}]}\n\ndata: [DONE]\n\n", 0, "a chunk is malformed: 'content' is a JSON Number, not String")]
    [InlineData("data: {\"choices\":null}\n\ndata: {\"choices\":[{\"delta\":null,\"text\":\"a\",\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", 1, null)]
    [InlineData("data: [DONE]\n\n", 0, "the stream held neither text nor a finish reason")]
    public async Task DialectsOfOtherServers_AreUnderstood(string stream, long tokens, string? error)
    {
        await using var other = await StartOtherAsync(
            () => Results.Text("{\"data\":[{\"id\":\"theirs\"}],\"models\":[]}"), () => Results.Text(stream, "text/event-stream"));
        var result = await Wait.AtMost(new LoadGenerator(new LoadOptions { Url = other.Urls.Single(), Requests = 1, Clients = 1 }).RunAsync());
        Assert.Equal("theirs", result.Model);
        Assert.Equal(error is null ? 0 : 1, result.Errors);
        Assert.Equal(error, result.ErrorMessages.SingleOrDefault()?.Message);
        Assert.Equal(tokens, result.ThroughputTokensPerSecond * result.Seconds, 6);
    }

    [Fact]
    public async Task AStreamWithoutText_IsCompleteWithoutLatencies()
    {
        const string Stream = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
            + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        await using var other = await StartOtherAsync(() => Results.Text("{\"data\":[{\"id\":\"m\"}]}"), () => Results.Text(Stream, "text/event-stream"));
        var result = await Wait.AtMost(new LoadGenerator(new LoadOptions { Url = other.Urls.Single(), Requests = 3, Clients = 1 }).RunAsync());
        Assert.Equal((3, 0, 0.0), (result.Requests, result.Errors, result.ThroughputTokensPerSecond));
        Assert.Equal(new LatencyPercentiles(null, null, null), result.Ttft);
        Assert.Equal(new LatencyPercentiles(null, null, null), result.Tbt);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(LoadResultJson.Serialize(result)).RootElement.GetProperty("ttft").GetProperty("p50").ValueKind);
    }

    [Theory]
    [InlineData(null, "wants a key; give --api-key")]
    [InlineData("not-the-key", "refused the key; give another with --api-key")]
    public async Task ARefusedKey_IsToldAsSuch(string? key, string message)
    {
        await using var server = await TestServer.StartAsync(configure: options => options.Serving.Http.ApiKeys.Add("the-real-key"));
        var options = new LoadOptions { Url = server.BaseAddress.ToString(), ApiKey = key, Requests = 1 };
        var error = await Assert.ThrowsAsync<RubatoException>(() => Wait.AtMost(new LoadGenerator(options).RunAsync()));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task AServerThatDoesNotListItsModels_IsToldWithItsStatus()
    {
        await using var other = await StartOtherAsync(() => Results.StatusCode(501), () => Results.Ok());
        var error = await Assert.ThrowsAsync<RubatoException>(
            () => Wait.AtMost(new LoadGenerator(new LoadOptions { Url = other.Urls.Single(), Requests = 1 }).RunAsync()));
        Assert.Contains("does not list its models (501); give one with --model", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(600, 30)]
    [InlineData(5, 5)]
    public async Task AModelLookupWithoutAnswer_EndsAfterItsLimit(double requestSeconds, double limit)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var end = new TaskCompletionSource<IResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var other = await StartOtherAsync(
            () =>
            {
                asked.SetResult();
                return end.Task;
            },
            () => Results.Ok());
        var time = new FakeTimeProvider();
        var options = new LoadOptions { Url = other.Urls.Single(), Requests = 1, RequestSecondsMax = requestSeconds };
        var run = new LoadGenerator(options, time: time).RunAsync();
        await Wait.AtMost(asked.Task);
        time.Advance(TimeSpan.FromSeconds(limit - 0.1));
        Assert.False(run.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        var error = await Assert.ThrowsAsync<RubatoException>(() => Wait.AtMost(run));
        Assert.Contains($"names no model within {limit} s; give one with --model", error.Message, StringComparison.Ordinal);
        end.SetResult(Results.Ok());
    }

    [Fact]
    public async Task NoServer_IsOneClearLine()
    {
        var error = await Assert.ThrowsAsync<RubatoException>(() => new LoadGenerator(new LoadOptions { Url = "http://127.0.0.1:1" }).RunAsync());
        Assert.Contains("http://127.0.0.1:1/", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOptionException>(() => new LoadGenerator(new LoadOptions { Url = "ftp://x" }));
        Assert.Throws<InvalidOptionException>(() => new LoadGenerator(new LoadOptions { PromptWordsMin = 5, PromptWordsMax = 4 }));
    }

    /// <summary>A server of somebody else's.</summary>
    private static async Task<WebApplication> StartOtherAsync(Delegate models, Delegate chat)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var other = builder.Build();
        other.Urls.Add("http://127.0.0.1:0");
        other.MapGet("/v1/models", models);
        other.MapPost("/v1/chat/completions", chat);
        await other.StartAsync();
        return other;
    }
}
