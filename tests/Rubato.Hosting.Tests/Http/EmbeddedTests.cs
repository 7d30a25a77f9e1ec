using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Rubato.Hosting.Http;
using Rubato.Hosting.Tests.Testing;

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
