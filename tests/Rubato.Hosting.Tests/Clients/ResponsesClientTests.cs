#pragma warning disable OPENAI001 // The package calls this part of its API experimental.

using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
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

    /// <summary>A call, its result in the next request, and an answer in JSON: with the package's own types, whole and streamed.</summary>
    [Fact]
    public async Task OfficialClient_CallsAFunction_AndGetsJson()
    {
        await using var server = await TinyModelServer.StartAsync();
        var client = new ResponsesClient(new ApiKeyCredential("any"), new ResponsesClientOptions
        {
            Endpoint = new Uri(server.Http.BaseAddress!, "/v1"),
            Transport = new HttpClientPipelineTransport(server.Http),
        });
        var parameters = BinaryData.FromString("""{"type":"object","properties":{"bpm":{"type":"integer","minimum":40,"maximum":208}},"required":["bpm"],"additionalProperties":false}""");
        var options = new CreateResponseOptions("tiny", [ResponseItem.CreateUserMessageItem("Faster!")])
        {
            MaxOutputTokenCount = 600,
            Temperature = 1,
            ToolChoice = ResponseToolChoice.CreateFunctionChoice("set_tempo"),
        };
        options.Tools.Add(ResponseTool.CreateFunctionTool("set_tempo", parameters, true, "Sets the tempo."));
        ResponseResult called = await client.CreateResponseAsync(options);
        var call = Assert.IsType<FunctionCallResponseItem>(Assert.Single(called.OutputItems));
        Assert.Equal(("set_tempo", FunctionCallStatus.Completed), (call.FunctionName, call.Status));
        Assert.InRange(JsonDocument.Parse(call.FunctionArguments).RootElement.GetProperty("bpm").GetInt32(), 40, 208);

        options.StreamingEnabled = true;
        var (deltas, whole, final) = ("", "", (ResponseResult?)null);
        await foreach (var update in await client.CreateResponseStreamingAsync(options))
        {
            deltas += update is StreamingResponseFunctionCallArgumentsDeltaUpdate delta ? delta.Delta.ToString() : "";
            whole += update is StreamingResponseFunctionCallArgumentsDoneUpdate done ? done.FunctionArguments.ToString() : "";
            final = update is StreamingResponseCompletedUpdate completed ? completed.Response : final;
        }

        Assert.Equal(whole, deltas);
        Assert.Equal(whole, Assert.IsType<FunctionCallResponseItem>(Assert.Single(final!.OutputItems)).FunctionArguments.ToString());

        var next = new CreateResponseOptions("tiny", [ResponseItem.CreateUserMessageItem("Faster!"), call, ResponseItem.CreateFunctionCallOutputItem(call.CallId, "done")])
        {
            MaxOutputTokenCount = 200,
            TextOptions = new ResponseTextOptions { TextFormat = ResponseTextFormat.CreateJsonSchemaFormat("tempo", parameters, null, true) },
        };
        ResponseResult answer = await client.CreateResponseAsync(next);
        Assert.InRange(JsonDocument.Parse(answer.GetOutputText()).RootElement.GetProperty("bpm").GetInt32(), 40, 208);
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
