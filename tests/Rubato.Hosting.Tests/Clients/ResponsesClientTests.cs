#pragma warning disable OPENAI001 // The package calls this part of its API experimental.

using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI.Responses;
using Rubato.Hosting.Tests.OpenAi;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Clients;

/// <summary>The official OpenAI package against /v1/responses.</summary>
public sealed class ResponsesClientTests
{
    [Fact]
    public async Task OfficialClient_GetsAWholeResponse()
    {
        await using var server = await TestServer.StartAsync();
        ResponseResult response = await ClientOf(server).CreateResponseAsync(Options());
        var prompt = ChatCompletionTests.Prompt("hello");
        Assert.Equal(TestEngine.ExpectedText(prompt, 20), response.GetOutputText());
        Assert.Equal((prompt.Length, 20), (response.Usage.InputTokenCount, response.Usage.OutputTokenCount));
        Assert.Equal(ResponseStatus.Incomplete, response.Status);
    }

    [Fact]
    public async Task OfficialClient_StreamsAResponse()
    {
        await using var server = await TestServer.StartAsync();
        var (text, final) = ("", (ResponseResult?)null);
        var options = Options();
        options.StreamingEnabled = true;
        await foreach (var update in await ClientOf(server).CreateResponseStreamingAsync(options))
        {
            text += update is StreamingResponseOutputTextDeltaUpdate delta ? delta.Delta : "";
            final = update is StreamingResponseIncompleteUpdate incomplete ? incomplete.Response : final;
        }

        Assert.Equal(TestEngine.ExpectedText(ChatCompletionTests.Prompt("hello"), 20), text);
        Assert.Equal(text, final!.GetOutputText());
        Assert.Equal(20, final.Usage.OutputTokenCount);
    }

    private static CreateResponseOptions Options() => new(TestEngine.ModelName, [ResponseItem.CreateUserMessageItem("hello")])
    {
        Temperature = 0,
        MaxOutputTokenCount = 20,
    };

    private static ResponsesClient ClientOf(TestServer server)
    {
        var options = new ResponsesClientOptions
        {
            Endpoint = new Uri(server.BaseAddress, "/v1"),
            Transport = new HttpClientPipelineTransport(server.Client),
        };
        return new ResponsesClient(new ApiKeyCredential("any key will do"), options);
    }
}
