using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using Rubato.Hosting.Configuration;

namespace Rubato.Hosting.Tests.Testing;

/// <summary>The whole HTTP server on a free loopback port, over the fake model.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private TestServer(RubatoServer server, TestEngine engine)
    {
        Server = server;
        Engine = engine;
        BaseAddress = new Uri(server.Urls.Single());
        Client = new HttpClient { BaseAddress = BaseAddress, Timeout = Wait.Limit };
    }

    public RubatoServer Server { get; }

    public TestEngine Engine { get; }

    public Uri BaseAddress { get; }

    public HttpClient Client { get; }

    public static async Task<TestServer> StartAsync(
        TestEngineOptions? engineOptions = null, Action<ServerOptions>? configure = null, LogRecorder? logs = null)
    {
        var options = new ServerOptions { Port = 0 };
        configure?.Invoke(options);
        var engine = new TestEngine(engineOptions);
        var server = RubatoServer.Build(options, _ => engine.Engine, engine.Options.Time, logging =>
        {
            if (logs is not null)
            {
                logging.AddProvider(logs);
            }
        });
        await server.StartAsync();
        return new TestServer(server, engine);
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    public Task<HttpResponseMessage> PostAsync(string path, string json) => Client.PostAsync(path, Json(json));

    /// <summary>Posts and returns as soon as the headers are there.</summary>
    public Task<HttpResponseMessage> PostStreamAsync(string path, string json) => Client.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(json) }, HttpCompletionOption.ResponseHeadersRead);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Engine.Options.Gate?.Open();
        await Server.StopAsync(new CancellationToken(canceled: true)).ContinueWith(_ => { }, TaskScheduler.Default);
        await Server.DisposeAsync();
    }
}
