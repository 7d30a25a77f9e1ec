using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using Rubato.Hosting.Configuration;
using Rubato.Models.Chat;

namespace Rubato.Hosting.Tests.Testing;

/// <summary>The whole server over a real model of random weights: what it says means nothing, but it has logits to be constrained.</summary>
internal sealed class TinyModelServer : IAsyncDisposable
{
    private readonly TinyModelFile _file;

    private TinyModelServer(TinyModelFile file, RubatoServer server)
    {
        _file = file;
        Server = server;
        Http = new HttpClient { BaseAddress = new Uri(server.Urls.Single()), Timeout = Wait.Limit };
    }

    public RubatoServer Server { get; }

    public HttpClient Http { get; }

    public IChatClient InProcess => Server.Services.GetRequiredService<IChatClient>();

    public OpenAI.Chat.ChatClient OpenAi => new OpenAIClient(
        new ApiKeyCredential("any"),
        new OpenAIClientOptions { Endpoint = new Uri(Http.BaseAddress!, "/v1"), Transport = new HttpClientPipelineTransport(Http) }).GetChatClient("tiny");

    public static async Task<TinyModelServer> StartAsync(string template = ChatTemplate.ChatMl, int kvBlocks = 1024)
    {
        var file = new TinyModelFile(template, contextTokens: 4096);
        var options = new ServerOptions { Port = 0 };
        options.Serving.ModelPath = file.Path;
        options.Serving.Threads = 1;
        options.Serving.Scheduler.KvBlocks = kvBlocks;
        var server = RubatoServer.Build(options);
        await server.StartAsync();
        return new(file, server);
    }

    /// <summary>The body of a chat completion; a refusal fails the test.</summary>
    public async Task<JsonElement> ChatAsync(string fields)
    {
        using var response = await Http.PostAsync("/v1/chat/completions", TestServer.Json(Body(fields)));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>The chunks of a streamed chat completion.</summary>
    public async Task<List<JsonElement>> StreamAsync(string fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(Body(fields + ",\"stream\":true")) };
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var sse = await Sse.OpenAsync(response);
        return await sse.ChunksAsync();
    }

    /// <summary>The error of a chat completion that is refused.</summary>
    public async Task<JsonElement> RefusalAsync(string fields)
    {
        using var response = await Http.PostAsync("/v1/chat/completions", TestServer.Json(Body(fields)));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        return await OpenAiErrors.ReadAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.StopAsync(new CancellationToken(canceled: true)).ContinueWith(_ => { }, TaskScheduler.Default);
        await Server.DisposeAsync();
        _file.Dispose();
    }

    private static string Body(string fields) =>
        fields.Contains("\"messages\"", StringComparison.Ordinal) ? $"{{\"model\":\"tiny\",{fields}}}" : $"{{\"model\":\"tiny\",\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}],{fields}}}";
}
