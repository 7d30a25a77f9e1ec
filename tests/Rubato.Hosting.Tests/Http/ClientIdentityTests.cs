using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Rubato.Core;
using Rubato.Hosting.Chat;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.Tests.Testing;
using Rubato.Serving;

namespace Rubato.Hosting.Tests.Http;

/// <summary>Whom the scheduler takes a request to come from, how urgent it takes it to be, and with whom it shares prefixes.</summary>
public sealed class ClientIdentityTests
{
    private const string UserHeader = "x-gateway-inference-fairness-id";
    private static readonly string Text = new('p', 100);

    private static readonly (string Path, string Body)[] Routes =
    [
        ("/v1/chat/completions", """ "messages":[{"role":"user","content":"hello"}],"max_tokens":2 """),
        ("/v1/completions", """ "prompt":"hello","max_tokens":2 """),
        ("/v1/responses", """ "input":"hello","max_output_tokens":2 """),
        ("/v1/embeddings", """ "input":"hello" """),
    ];

    [Fact]
    public async Task TheKeyIsTheClient_TheHeaderOrTheBodyNamesTheUser()
    {
        var seen = new ConcurrentQueue<(string Client, string User)>();
        await using var server = await StartWithKeysAsync();
        server.Engine.Scheduler.Admitting = request => seen.Enqueue((request.Client, request.User));
        foreach (var (path, body) in Routes)
        {
            await SendAsync(server, path, body, 2);
            await SendAsync(server, path, body + ",\"user\":\"alice\",\"safety_identifier\":\"carol\"", 2);
            await SendAsync(server, path, body + ",\"safety_identifier\":\"carol\"", 1, ("X-Client-Id", "another"));
            await SendAsync(server, path, body + ",\"user\":\"alice\"", 1, (UserHeader, "bob"));
            Assert.Equal([("key2", ""), ("key2", "alice"), ("key1", "carol"), ("key1", "bob")], seen);
            seen.Clear();
        }
    }

    [Fact]
    public async Task WithoutKeys_AHeaderNamesTheClient()
    {
        var seen = new ConcurrentQueue<(string Client, string User)>();
        await using var server = await TestServer.StartAsync();
        server.Engine.Scheduler.Admitting = request => seen.Enqueue((request.Client, request.User));
        await SendAsync(server, Routes[0].Path, Routes[0].Body, 0, ("X-Client-Id", "them"));
        await SendAsync(server, Routes[0].Path, Routes[0].Body + ",\"user\":\"alice\"", 0);
        Assert.Equal([("them", ""), ("", "alice")], seen);
    }

    [Fact]
    public async Task NamesThatBreakARule_AreRefusedByField()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var (path, body) in Routes)
        {
            await RefusedAsync(server, path, body + $",\"user\":\"{new string('u', 257)}\"", "user");
            await RefusedAsync(server, path, body + ",\"user\":\"a\\u0007b\"", "user");
            await RefusedAsync(server, path, body + ",\"safety_identifier\":\"a\\nb\"", "safety_identifier");
            await RefusedAsync(server, path, body, UserHeader, (UserHeader, new string('u', 257)));
            await RefusedAsync(server, path, body, UserHeader, (UserHeader, ""));
            await RefusedAsync(server, path, body + ",\"priority\":1001", "priority");
            await RefusedAsync(server, path, body + ",\"priority\":-1001", "priority");
            await RefusedAsync(server, path, body + ",\"priority\":0.5", "priority");
            await RefusedAsync(server, path, body + ",\"service_tier\":\"gold\"", "service_tier");
        }

        await RefusedAsync(server, Routes[0].Path, Routes[0].Body + ",\"prompt_cache_key\":\"\"", "prompt_cache_key");
        await RefusedAsync(server, Routes[0].Path, Routes[0].Body + $",\"prompt_cache_key\":\"{new string('k', 65)}\"", "prompt_cache_key");
    }

    [Theory]
    [InlineData("one", "two")]
    [InlineData("a\u0007b")]
    public void AUserHeader_ComesOnce_AndIsPlainText(params string[] values)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[UserHeader] = new(values);
        Assert.Throws<OpenAiException>(() => ClientIdentity.Of(context, null));
    }

    [Theory]
    [InlineData("", 0, null)]
    [InlineData(",\"priority\":-1000", -1000, null)]
    [InlineData(",\"service_tier\":\"auto\"", 0, "default")]
    [InlineData(",\"service_tier\":\"default\"", 0, "default")]
    [InlineData(",\"service_tier\":\"flex\"", 10, "flex")]
    [InlineData(",\"service_tier\":\"priority\",\"prompt_cache_key\":\"k\"", -10, "priority")]
    [InlineData(",\"service_tier\":\"flex\",\"priority\":7", 7, "flex")]
    public async Task Urgency_ReachesTheScheduler_AndTheTierTheClient(string fields, int priority, string? tier)
    {
        var seen = new ConcurrentQueue<int>();
        await using var server = await TestServer.StartAsync();
        server.Engine.Scheduler.Admitting = request => seen.Enqueue(request.Priority);
        foreach (var (path, body) in Routes)
        {
            var answer = await SendAsync(server, path, body + fields, 0);
            var shown = answer.TryGetProperty("service_tier", out var value) ? value.GetString() : null;
            Assert.Equal(path == "/v1/embeddings" ? null : tier, shown);
        }

        Assert.Equal(Enumerable.Repeat(priority, Routes.Length), seen);
    }

    [Fact]
    public async Task PrefixesAreSharedUnderOneKey_AndNeverBetweenKeys()
    {
        await using var server = await StartWithKeysAsync();
        Assert.Equal(0, await CachedAsync(server, 1, ""));
        Assert.NotEqual(0, await CachedAsync(server, 1, ""));
        Assert.Equal(0, await CachedAsync(server, 2, ""));
        Assert.NotEqual(0, await CachedAsync(server, 2, ",\"user\":\"alice\""));
        Assert.Equal(0, await CachedAsync(server, 1, ",\"cache_salt\":\"mine\""));
        Assert.Equal(0, await CachedAsync(server, 2, ",\"cache_salt\":\"mine\""));
        Assert.NotEqual(0, await CachedAsync(server, 1, ",\"cache_salt\":\"mine\""));
    }

    [Fact]
    public async Task ChatClients_NameThemselvesInTheOptions()
    {
        var seen = new ConcurrentQueue<Request>();
        await using var engine = new TestEngine();
        engine.Scheduler.Admitting = seen.Enqueue;
        using var client = new RubatoChatClient(engine.Engine);
        ChatOptions Options(object priority) => new()
        {
            MaxOutputTokens = 2,
            AdditionalProperties = new() { ["client"] = "team", ["user"] = "alice", ["priority"] = priority },
        };
        await client.GetResponseAsync("hello", Options(-3));
        var request = Assert.Single(seen);
        Assert.Equal(("team", "alice", -3), (request.Client, request.User, request.Priority));
        await Assert.ThrowsAsync<InvalidOptionException>(() => client.GetResponseAsync("hello", Options(1.5)));
    }

    private static Task<TestServer> StartWithKeysAsync() => TestServer.StartAsync(null, options =>
    {
        options.Serving.Http.ApiKeys.Add("first-key-0");
        options.Serving.Http.ApiKeys.Add("second-key-0");
    });

    private static async Task<int> CachedAsync(TestServer server, int key, string fields)
    {
        var answer = await SendAsync(server, "/v1/completions", $"\"prompt\":\"{Text}\",\"max_tokens\":2{fields}", key);
        return answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
    }

    private static async Task<JsonElement> SendAsync(TestServer server, string path, string fields, int key, params (string Name, string Value)[] headers)
    {
        using var response = await PostAsync(server, path, fields, key, headers);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        return JsonDocument.Parse(body).RootElement;
    }

    private static async Task RefusedAsync(TestServer server, string path, string fields, string param, params (string Name, string Value)[] headers)
    {
        using var response = await PostAsync(server, path, fields, 0, headers);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Assert.Equal(param, error.GetProperty("param").GetString());
    }

    private static async Task<HttpResponseMessage> PostAsync(TestServer server, string path, string fields, int key, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = TestServer.Json($"{{\"model\":\"{TestEngine.ModelName}\",{fields}}}"),
        };
        request.Headers.Authorization = key > 0 ? new("Bearer", key == 1 ? "first-key-0" : "second-key-0") : null;
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await server.Client.SendAsync(request);
    }
}
