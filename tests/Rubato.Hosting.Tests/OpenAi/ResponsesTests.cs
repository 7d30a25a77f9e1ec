using System.Net;
using System.Text.Json;
using Rubato.Hosting.Tests.Clients;
using Rubato.Hosting.Tests.Testing;
using Rubato.Models.Chat;

namespace Rubato.Hosting.Tests.OpenAi;

/// <summary>/v1/responses over plain HTTP.</summary>
public sealed class ResponsesTests
{
    [Theory]
    [InlineData("\"hello\"")]
    [InlineData("[{\"role\":\"user\",\"content\":\"hello\"}]")]
    [InlineData("[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"hello\"}]}]")]
    public async Task AWholeResponse_HasTheTextOfTheChat(string input)
    {
        await using var server = await TestServer.StartAsync();
        var response = await PostAsync(server, $"\"input\":{input},\"max_output_tokens\":20,\"metadata\":{{\"k\":\"v\"}}");
        var prompt = ChatCompletionTests.Prompt("hello");
        Assert.Equal(TestEngine.ExpectedText(prompt, 20), TextOf(response));
        Assert.Equal(("response", "incomplete", "max_output_tokens"), (Text(response, "object"), Text(response, "status"), Text(response.GetProperty("incomplete_details"), "reason")));
        var usage = response.GetProperty("usage");
        Assert.Equal((prompt.Length, 20, prompt.Length + 20), (usage.GetProperty("input_tokens").GetInt32(), usage.GetProperty("output_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32()));
        Assert.Equal("v", Text(response.GetProperty("metadata"), "k"));
        Assert.False(response.GetProperty("store").GetBoolean());
        Assert.StartsWith("resp", Text(response, "id"));
    }

    [Fact]
    public async Task Instructions_AreTheSystemMessage_AndEarlierTurnsCount()
    {
        await using var server = await TestServer.StartAsync();
        var response = await PostAsync(server, """
            "instructions":"be brief","max_output_tokens":9,"input":[
              {"role":"user","content":"hello"},
              {"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"yes","annotations":[]}]},
              {"role":"user","content":"again"}]
            """);
        ChatMessage[] turns = [new("system", "be brief"), new("user", "hello"), new("assistant", "yes"), new("user", "again")];
        int[] prompt = new FakeTokenizer().Encode(FakeTokenizer.RenderChat(turns), addSpecial: false, parseSpecial: true);
        Assert.Equal(TestEngine.ExpectedText(prompt, 9), TextOf(response));
        Assert.Equal("be brief", Text(response, "instructions"));
    }

    [Fact]
    public async Task AStream_HasTypedNumberedEvents_WhoseDeltasAreTheText()
    {
        await using var server = await TestServer.StartAsync();
        using var http = await server.PostStreamAsync("/v1/responses", """{"model":"fake/model-1","temperature":0,"input":"hello","max_output_tokens":20,"stream":true}""");
        using var sse = await Sse.OpenAsync(http);
        var lines = new List<string>();
        while (await sse.LineAsync() is { } line)
        {
            lines.Add(line);
        }

        var names = lines.Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line["event: ".Length..]).ToArray();
        var events = lines.Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement).ToArray();
        Assert.Equal(names, events.Select(next => Text(next, "type")));
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(next => next.GetProperty("sequence_number").GetInt32()));
        Assert.Equal(["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"], names[..4]);
        Assert.Equal(["response.output_text.done", "response.content_part.done", "response.output_item.done", "response.incomplete"], names[^4..]);
        Assert.All(names[4..^4], name => Assert.Equal("response.output_text.delta", name));
        var expected = TestEngine.ExpectedText(ChatCompletionTests.Prompt("hello"), 20);
        Assert.Equal(expected, string.Concat(events[4..^4].Select(next => Text(next, "delta"))));
        Assert.Equal(expected, TextOf(events[^1].GetProperty("response")));
        Assert.Equal("in_progress", Text(events[0].GetProperty("response"), "status"));
        Assert.Equal(0, events[0].GetProperty("response").GetProperty("output").GetArrayLength());
        Assert.Single(events[4..^4].Select(next => Text(next, "item_id")).Distinct());
    }

    [Fact]
    public async Task AFailureMidway_EndsTheStreamWithResponseFailed()
    {
        await using var server = await TestServer.StartAsync(OpenAiClientTests.FailsAfter(5));
        using var http = await server.PostStreamAsync("/v1/responses", """{"model":"fake/model-1","temperature":0,"input":"hello","max_output_tokens":20,"stream":true}""");
        using var sse = await Sse.OpenAsync(http);
        var last = JsonDocument.Parse((await sse.DataAsync())[^1]).RootElement;
        Assert.Equal(("response.failed", "failed", "server_error"), (Text(last, "type"), Text(last.GetProperty("response"), "status"), Text(last.GetProperty("response").GetProperty("error"), "code")));
    }

    [Theory]
    [InlineData("\"max_output_tokens\":5", 400, "input")]
    [InlineData("\"input\":7", 400, "input")]
    [InlineData("\"input\":[]", 400, "input")]
    [InlineData("\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"x\",\"output\":\"y\"}]", 400, "input[0].call_id")]
    [InlineData("\"input\":[{\"type\":\"function_call\",\"call_id\":\"x\",\"name\":\"f\",\"arguments\":\"[1]\"}]", 400, "input[0].arguments")]
    [InlineData("\"input\":[{\"type\":\"reasoning\",\"summary\":[]}]", 400, "input[0].type")]
    [InlineData("\"input\":[{\"role\":\"wizard\",\"content\":\"x\"}]", 400, "input[0].role")]
    [InlineData("\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\"}]}]", 400, "input[0].content[0].type")]
    [InlineData("\"input\":\"x\",\"max_output_tokens\":0", 400, "max_output_tokens")]
    [InlineData("\"input\":\"x\",\"max_output_tokens\":100000", 400, "max_output_tokens")]
    [InlineData("\"input\":\"x\",\"previous_response_id\":\"resp_1\"", 400, "previous_response_id")]
    [InlineData("\"input\":\"x\",\"store\":true", 400, "store")]
    [InlineData("\"input\":\"x\",\"background\":true", 400, "background")]
    [InlineData("\"input\":\"x\",\"tools\":[{\"type\":\"web_search\"}]", 400, "tools[0].type")]
    [InlineData("\"input\":\"x\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]", 400, "tools[0].name")]
    [InlineData("\"input\":\"x\",\"tools\":[{\"type\":\"function\",\"name\":\"f\"}],\"tool_choice\":{\"type\":\"function\",\"name\":\"g\"}", 400, "tool_choice.name")]
    [InlineData("\"input\":\"x\",\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"not\":{}}}]", 400, "tools[0].parameters.not")]
    [InlineData("\"input\":\"x\",\"tool_choice\":\"required\"", 400, "tool_choice")]
    [InlineData("\"input\":\"x\",\"response_format\":{\"type\":\"json_object\"}", 400, "response_format")]
    [InlineData("\"input\":\"x\",\"text\":{\"format\":{\"type\":\"xml\"}}", 400, "text.format.type")]
    [InlineData("\"input\":\"x\",\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"x\"}}", 400, "text.format.schema")]
    [InlineData("\"input\":\"x\",\"text\":{\"format\":{\"type\":\"json_object\"}},\"ignore_eos\":true", 400, "ignore_eos")]
    [InlineData("\"input\":\"x\",\"reasoning\":{\"effort\":\"high\"}", 400, "reasoning")]
    [InlineData("\"input\":\"x\",\"truncation\":\"auto\"", 400, "truncation")]
    [InlineData("\"input\":\"x\",\"metadata\":{\"k\":1}", 400, "metadata.k")]
    [InlineData("\"input\":\"x\",\"n\":2", 400, "n")]
    public async Task WhatIsWrongOrNotImplemented_IsNamed(string fields, int status, string param)
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.PostAsync("/v1/responses", $$"""{"model":"fake/model-1",{{fields}}}""");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(param, (await OpenAiErrors.ReadAsync(response)).GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("\"store\":false")]
    [InlineData("\"tools\":[],\"include\":[],\"previous_response_id\":null,\"truncation\":\"disabled\",\"parallel_tool_calls\":true,\"service_tier\":\"auto\"")]
    [InlineData("\"text\":{\"format\":{\"type\":\"text\"}},\"reasoning\":{\"effort\":null},\"top_logprobs\":0")]
    public async Task WhatAsksForNothing_IsTaken(string fields)
    {
        await using var server = await TestServer.StartAsync();
        Assert.NotEqual("", TextOf(await PostAsync(server, "\"input\":\"x\",\"max_output_tokens\":5," + fields)));
    }

    [Fact]
    public async Task StoredResponses_AreNotFound_WithAReason()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.Client.GetAsync("/v1/responses/resp_1");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("stores no responses", (await OpenAiErrors.ReadAsync(response)).GetProperty("message").GetString());
    }

    private static async Task<JsonElement> PostAsync(TestServer server, string fields)
    {
        using var response = await server.PostAsync("/v1/responses", $$"""{"model":"fake/model-1","temperature":0,{{fields}}}""");
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static string Text(JsonElement value, string name) => value.GetProperty(name).GetString()!;

    private static string TextOf(JsonElement response) => Text(response.GetProperty("output")[0].GetProperty("content")[0], "text");
}
