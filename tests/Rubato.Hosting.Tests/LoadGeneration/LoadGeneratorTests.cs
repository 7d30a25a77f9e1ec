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
    public async Task DialectsOfOtherServers_AreUnderstood(string stream, long tokens, string? error)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var other = builder.Build();
        other.Urls.Add("http://127.0.0.1:0");
        other.MapGet("/v1/models", () => Results.Text("{\"data\":[{\"id\":\"theirs\"}],\"models\":[]}"));
        other.MapPost("/v1/chat/completions", () => Results.Text(stream, "text/event-stream"));
        await other.StartAsync();
        var result = await Wait.AtMost(new LoadGenerator(new LoadOptions { Url = other.Urls.Single(), Requests = 1, Clients = 1 }).RunAsync());
        Assert.Equal("theirs", result.Model);
        Assert.Equal(error is null ? 0 : 1, result.Errors);
        Assert.Equal(error, result.ErrorMessages.SingleOrDefault()?.Message);
        Assert.Equal(tokens, result.ThroughputTokensPerSecond * result.Seconds, 6);
    }

    [Fact]
    public async Task NoServer_IsOneClearLine()
    {
        var error = await Assert.ThrowsAsync<RubatoException>(() => new LoadGenerator(new LoadOptions { Url = "http://127.0.0.1:1" }).RunAsync());
        Assert.Contains("http://127.0.0.1:1/", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOptionException>(() => new LoadGenerator(new LoadOptions { Url = "ftp://x" }));
        Assert.Throws<InvalidOptionException>(() => new LoadGenerator(new LoadOptions { PromptWordsMin = 5, PromptWordsMax = 4 }));
    }
}
