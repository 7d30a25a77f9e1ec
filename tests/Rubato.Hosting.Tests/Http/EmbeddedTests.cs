using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Rubato.Hosting.Http;
using Rubato.Hosting.Tests.Testing;
using Rubato.Serving;

namespace Rubato.Hosting.Tests.Http;

public sealed class EmbeddedTests
{
    private const string Chat = """{"model":"fake/model-1","messages":[{"role":"user","content":"x"}],"max_tokens":1""";

    [Fact]
    public async Task InSomebodysApplication_TheApiHasItsGate_AndTheirRoutesAreTheirs()
    {
        var http = new ServingHttpOptions();
        http.ApiKeys.Add("their-secret-key");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRubatoServing(_ => new TestEngine().Engine, http);
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapRubatoOpenAI();
        app.MapGet("/own", () => "theirs");
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Assert.Equal("theirs", await client.GetStringAsync("/own"));
        foreach (var path in new[] { "/v1/models", "/v1/anything", "/metrics" })
        {
            using var denied = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, denied.StatusCode);
        }

        client.DefaultRequestHeaders.Authorization = new("Bearer", "their-secret-key");
        using var models = await client.GetAsync("/v1/models");
        Assert.Equal(HttpStatusCode.OK, models.StatusCode);
        using var chat = await client.PostAsync("/v1/chat/completions", TestServer.Json(Chat + "}"));
        Assert.Equal(HttpStatusCode.OK, chat.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = "evil.example" } };
        using var rebound = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, rebound.StatusCode);
    }

    [Fact]
    public async Task ClientNames_ComeFromBodyThenHeaderThenKey()
    {
        var clients = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(null, options =>
        {
            options.Serving.Http.ApiKeys.Add("first-key-0");
            options.Serving.Http.ApiKeys.Add("second-key-0");
        });
        server.Engine.Scheduler.Admitting = (Request request) => clients.Enqueue(request.Client);
        async Task Send(string body, string? header)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(body) };
            request.Headers.Authorization = new("Bearer", "second-key-0");
            if (header is not null)
            {
                request.Headers.Add("X-Client-Id", header);
            }

            using var response = await server.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        await Send(Chat + ""","user":"alice"}""", "header");
        await Send(Chat + "}", "header");
        await Send(Chat + "}", null);
        Assert.Equal(["alice", "header", "key2"], clients);
    }

    [Fact]
    public async Task MoreRequestsThanTheLimit_Get429()
    {
        var gate = new StepGate();
        await using var server = await TestServer.StartAsync(new() { Gate = gate }, options => options.Serving.Http.Limits.ConcurrentRequestsMax = 1);
        using var first = await server.PostStreamAsync("/v1/chat/completions", Chat + ",\"stream\":true}");
        using var second = await server.PostAsync("/v1/chat/completions", Chat + "}");
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.NotNull(second.Headers.RetryAfter);
        gate.Open();
        using var sse = await Sse.OpenAsync(first);
        await sse.ChunksAsync();
    }
}
