using System.Net;
using System.Net.Http.Headers;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Security;

public sealed class RequestGateTests
{
    private const string Key = "sesame-open-1";
    private const string Chat = """{"model":"fake/model-1","messages":[{"role":"user","content":"x"}],"max_tokens":1}""";

    private static readonly string[] Routes =
    [
        "/", "/v1/models", "/v1/models/fake%2Fmodel-1", "/v1/completions", "/v1/chat/completions", "/metrics", "/v1/nothing", "/nothing",
        "/health/../metrics", "/health/", "/Health", "/HEALTH", "//health", "/v1", "/index.html", "/%2e%2e/etc/passwd",
    ];

    [Fact]
    public async Task WithAKey_EveryRouteAndMethodIsDenied_ButHealth()
    {
        await using var server = await TestServer.StartAsync(null, options => options.Serving.Http.ApiKeys.Add(Key));
        foreach (var method in new[] { "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW" })
        {
            foreach (var route in Routes)
            {
                foreach (var credential in new[] { null, "Bearer", "Bearer ", "Bearer wrong-key", "Basic " + Key, Key, "Bearer " + Key + "x", "Bearer sesame" })
                {
                    using var response = await SendAsync(server, method, route, credential);
                    Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {route} with '{credential}' gave {response.StatusCode}");
                    Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
                    if (method != "HEAD")
                    {
                        Assert.Equal("invalid_api_key", (await OpenAiErrors.ReadAsync(response)).GetProperty("code").GetString());
                    }
                }
            }
        }

        using var health = await SendAsync(server, "GET", "/health", null);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using var postHealth = await SendAsync(server, "POST", "/health", null);
        Assert.Equal(HttpStatusCode.Unauthorized, postHealth.StatusCode);
    }

    [Fact]
    public async Task TheRightKey_OpensWhatIsThere()
    {
        await using var server = await TestServer.StartAsync(null, options =>
        {
            options.Serving.Http.ApiKeys.Add("another-key-2");
            options.Serving.Http.ApiKeys.Add(Key);
        });
        foreach (var credential in new[] { "Bearer " + Key, "bearer another-key-2" })
        {
            using var models = await SendAsync(server, "GET", "/v1/models", credential);
            Assert.Equal(HttpStatusCode.OK, models.StatusCode);
            using var unknown = await SendAsync(server, "GET", "/nothing", credential);
            Assert.Equal("unknown_url", (await OpenAiErrors.ReadAsync(unknown)).GetProperty("code").GetString());
            using var method = await SendAsync(server, "GET", "/v1/completions", credential);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
            Assert.Equal(["POST"], method.Content.Headers.Allow);
            using var chat = await SendAsync(server, "POST", "/v1/chat/completions", credential, request => request.Content = TestServer.Json(Chat));
            Assert.Equal(HttpStatusCode.OK, chat.StatusCode);
        }
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:1234", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.2", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("evil.example:8080", false)]
    public async Task UnknownHost_Is403(string host, bool allowed)
    {
        await using var server = await TestServer.StartAsync();
        foreach (var route in new[] { "/health", "/v1/models", "/nothing" })
        {
            using var response = await SendAsync(server, "GET", route, null, request => request.Headers.Host = host);
            if (!allowed)
            {
                Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
                Assert.Equal("host_not_allowed", (await OpenAiErrors.ReadAsync(response)).GetProperty("code").GetString());
            }
            else
            {
                Assert.NotEqual(HttpStatusCode.Forbidden, response.StatusCode);
            }
        }
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("http://localhost:1")]
    [InlineData("http://127.0.0.1.evil.example")]
    [InlineData("file://")]
    public async Task CrossSitePost_Is403_AndGetsNoCorsHeaders(string origin)
    {
        await using var server = await TestServer.StartAsync();
        foreach (var method in new[] { "POST", "OPTIONS", "GET" })
        {
            using var response = await SendAsync(server, method, "/v1/chat/completions", null, request =>
            {
                Assert.True(request.Headers.TryAddWithoutValidation("Origin", origin));
                request.Headers.Add("Access-Control-Request-Method", "POST");
                request.Content = method == "POST" ? TestServer.Json(Chat) : null;
            });
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task CrossSitePostWithoutOrigin_Is403()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await SendAsync(server, "POST", "/v1/chat/completions", null, request =>
        {
            request.Headers.Add("Sec-Fetch-Site", "cross-site");
            request.Content = TestServer.Json(Chat);
        });
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task OwnOrigin_MayPost()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await SendAsync(server, "POST", "/v1/chat/completions", null, request =>
        {
            request.Headers.Add("Origin", server.BaseAddress.GetLeftPart(UriPartial.Authority));
            request.Content = TestServer.Json(Chat);
        });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task ListedOrigin_MayPost_AndGetsCors_ButStillNeedsTheKey()
    {
        const string Page = "https://chat.example.org";
        await using var server = await TestServer.StartAsync(null, options =>
        {
            options.Serving.Http.AllowedOrigins.Add(Page);
            options.Serving.Http.ApiKeys.Add(Key);
        });
        using var preflight = await SendAsync(server, "OPTIONS", "/v1/chat/completions", null, request =>
        {
            request.Headers.Add("Origin", Page);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        });
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal([Page], preflight.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal(["authorization,content-type"], preflight.Headers.GetValues("Access-Control-Allow-Headers"));
        foreach (var (credential, status) in new[] { (null, HttpStatusCode.Unauthorized), ("Bearer " + Key, HttpStatusCode.OK) })
        {
            using var response = await SendAsync(server, "POST", "/v1/chat/completions", credential, request =>
            {
                request.Headers.Add("Origin", Page);
                request.Content = TestServer.Json(Chat);
            });
            Assert.Equal(status, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/jsonx")]
    public async Task OtherContentTypes_Are415(string type)
    {
        await using var server = await TestServer.StartAsync();
        foreach (var route in new[] { "/v1/completions", "/v1/chat/completions" })
        {
            using var response = await SendAsync(server, "POST", route, null, request =>
            {
                request.Content = new StringContent(Chat);
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            });
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
            await OpenAiErrors.ReadAsync(response);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(
        TestServer server, string method, string route, string? credential, Action<HttpRequestMessage>? change = null)
    {
        // A plain string keeps dots and case as they are; HttpClient would tidy a relative path.
        var uri = new Uri(server.BaseAddress.GetLeftPart(UriPartial.Authority) + route, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(method), uri);
        if (credential is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Authorization", credential));
        }

        change?.Invoke(request);
        return await server.Client.SendAsync(request);
    }
}
