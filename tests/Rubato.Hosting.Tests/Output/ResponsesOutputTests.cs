using System.Text.Json;
using Rubato.Hosting.Tests.Testing;
using Rubato.Models.Chat;

namespace Rubato.Hosting.Tests.Output;

/// <summary>JSON and calls of functions through /v1/responses, from a real model.</summary>
public sealed class ResponsesOutputTests
{
    private const string Tools =
        "\"tools\":[{\"type\":\"function\",\"name\":\"set_tempo\",\"description\":\"Sets it.\",\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{\"bpm\":{\"type\":\"integer\",\"minimum\":40,\"maximum\":208}},\"required\":[\"bpm\"],\"additionalProperties\":false}},"
        + "{\"type\":\"function\",\"name\":\"stop\"}]";

    private const string Format =
        "\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"tune\",\"strict\":true,\"schema\":{\"type\":\"object\",\"properties\":{\"mood\":{\"enum\":[\"calm\",\"wild\"]}},\"required\":[\"mood\"],\"additionalProperties\":false}}}";

    [Fact]
    public async Task TextFormat_IsKept_WholeAndStreamed()
    {
        await using var server = await TinyModelServer.StartAsync();
        for (var seed = 0; seed < 3; seed++)
        {
            var fields = $"{Format},\"seed\":{seed},\"temperature\":1.2,\"max_output_tokens\":120";
            var body = await PostAsync(server, fields);
            Assert.Equal("completed", Text(body, "status"));
            var text = Text(body.GetProperty("output")[0].GetProperty("content")[0], "text");
            Assert.Contains(Text(JsonDocument.Parse(text).RootElement, "mood"), new[] { "calm", "wild" });
            Assert.Equal("json_schema", Text(body.GetProperty("text").GetProperty("format"), "type"));
            var events = await StreamAsync(server, fields);
            Assert.Equal(text, string.Concat(events.Where(next => Text(next, "type") == "response.output_text.delta").Select(next => Text(next, "delta"))));
        }

        var any = await PostAsync(server, "\"text\":{\"format\":{\"type\":\"json_object\"}},\"seed\":1,\"max_output_tokens\":200");
        Assert.StartsWith("{", Text(any.GetProperty("output")[0].GetProperty("content")[0], "text").TrimStart());
    }

    [Theory]
    [InlineData(ChatTemplate.ChatMl)]
    [InlineData("{% for m in messages %}[INST]{{ m.content }}[/INST]{% for c in m.tool_calls or [] %}[TOOL_CALLS] {{ c.function | tojson }}{% endfor %}{% endfor %}{{ tools | length }}")]
    public async Task Calls_AreItems_WholeAndStreamedAlike(string template)
    {
        await using var server = await TinyModelServer.StartAsync(template);
        var complete = 0;
        for (var seed = 0; seed < 4; seed++)
        {
            var fields = $"{Tools},\"tool_choice\":\"required\",\"seed\":{seed},\"temperature\":1.2,\"max_output_tokens\":900";
            var body = await PostAsync(server, fields);
            if (Text(body, "status") != "completed")
            {
                continue; // A random model may write calls until it has no tokens left.
            }

            complete++;
            var items = body.GetProperty("output").EnumerateArray().ToArray();
            Assert.NotEmpty(items);
            Assert.All(items, AssertIsCall);
            Assert.Equal(items.Length, items.Select(item => Text(item, "call_id")).Distinct().Count());
            Assert.Equal("required", Text(body, "tool_choice"));
            Assert.Equal(2, body.GetProperty("tools").GetArrayLength());

            var events = await StreamAsync(server, fields);
            AssertIsWellFormed(events);
            var final = events[^1].GetProperty("response").GetProperty("output").EnumerateArray().ToArray();
            Assert.Equal(items.Select(Summary), final.Select(Summary));
            for (var i = 0; i < final.Length; i++)
            {
                var own = events.Where(next => next.TryGetProperty("output_index", out var index) && index.GetInt32() == i).ToArray();
                Assert.Equal("response.output_item.added", Text(own[0], "type"));
                Assert.Equal("", Text(own[0].GetProperty("item"), "arguments"));
                Assert.Equal(["response.function_call_arguments.done", "response.output_item.done"], own[^2..].Select(next => Text(next, "type")));
                var deltas = own[1..^2];
                Assert.All(deltas, delta => Assert.Equal("response.function_call_arguments.delta", Text(delta, "type")));
                Assert.Equal(Text(final[i], "arguments"), string.Concat(deltas.Select(delta => Text(delta, "delta"))));
                Assert.Equal(Text(final[i], "arguments"), Text(own[^2], "arguments"));
                Assert.All(own[1..^1], next => Assert.Equal(Text(final[i], "id"), Text(next, "item_id")));
            }
        }

        Assert.True(complete >= 2, $"{complete} are complete");
    }

    [Fact]
    public async Task Auto_GivesAMessage_AndNoParallelCallsGivesOne()
    {
        await using var server = await TinyModelServer.StartAsync();
        var body = await PostAsync(server, Tools + ",\"seed\":4,\"max_output_tokens\":30");
        Assert.Equal("message", Text(body.GetProperty("output")[0], "type"));
        for (var seed = 0; seed < 3; seed++)
        {
            var one = await PostAsync(server, $"{Tools},\"tool_choice\":{{\"type\":\"function\",\"name\":\"stop\"}},\"parallel_tool_calls\":false,\"seed\":{seed},\"max_output_tokens\":300");
            Assert.Equal("stop", Text(Assert.Single(one.GetProperty("output").EnumerateArray()), "name"));
            Assert.False(one.GetProperty("parallel_tool_calls").GetBoolean());
        }
    }

    [Fact]
    public async Task AnArgumentThatIsCutOff_IsIncomplete_AndNeverDone()
    {
        await using var server = await TinyModelServer.StartAsync();
        var events = await StreamAsync(server, Tools + ",\"tool_choice\":{\"type\":\"function\",\"name\":\"set_tempo\"},\"seed\":1,\"max_output_tokens\":55");
        AssertIsWellFormed(events);
        Assert.Equal("response.incomplete", Text(events[^1], "type"));
        Assert.DoesNotContain(events, next => Text(next, "type") == "response.function_call_arguments.done");
    }

    /// <summary>What was called before reaches the model as its chat template writes it.</summary>
    [Fact]
    public async Task CallsAndResults_AreTurnsOfTheConversation()
    {
        await using var server = await TinyModelServer.StartAsync();
        const string Input =
            "\"input\":[{\"role\":\"user\",\"content\":\"x\"},{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":\"call_1\",\"name\":\"stop\",\"arguments\":\"{}\",\"status\":\"completed\"},"
            + "{\"type\":\"function_call\",\"call_id\":\"call_2\",\"name\":\"stop\",\"arguments\":\"{}\"},{\"type\":\"function_call_output\",\"call_id\":\"call_1\",\"output\":\"done\"},"
            + "{\"type\":\"function_call_output\",\"call_id\":\"call_2\",\"output\":[{\"type\":\"input_text\",\"text\":\"again\"}]}]";
        const string Messages =
            "\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"stop\",\"arguments\":\"{}\"}},"
            + "{\"id\":\"call_2\",\"type\":\"function\",\"function\":{\"name\":\"stop\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"done\"},{\"role\":\"tool\",\"tool_call_id\":\"call_2\",\"content\":\"again\"}]";
        var response = await PostAsync(server, Input + ",\"temperature\":0,\"max_output_tokens\":20");
        var chat = await server.ChatAsync(Messages + ",\"temperature\":0,\"max_tokens\":20");
        Assert.Equal(
            chat.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(),
            Text(response.GetProperty("output")[0].GetProperty("content")[0], "text"));
        Assert.Equal(chat.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), response.GetProperty("usage").GetProperty("input_tokens").GetInt32());
    }

    private static void AssertIsCall(JsonElement item)
    {
        Assert.Equal(("function_call", "completed"), (Text(item, "type"), Text(item, "status")));
        Assert.StartsWith("call_", Text(item, "call_id"));
        var arguments = JsonDocument.Parse(Text(item, "arguments")).RootElement;
        if (Text(item, "name") == "set_tempo")
        {
            Assert.InRange(arguments.GetProperty("bpm").GetInt32(), 40, 208);
        }
        else
        {
            Assert.Equal(("stop", "{}"), (Text(item, "name"), arguments.GetRawText().Replace(" ", "").Replace("\n", "").Replace("\t", "")));
        }
    }

    /// <summary>Numbered from 0; items begin in order, each ends before the next begins, and all that begin end.</summary>
    private static void AssertIsWellFormed(JsonElement[] events)
    {
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(next => next.GetProperty("sequence_number").GetInt32()));
        Assert.Equal(["response.created", "response.in_progress"], events[..2].Select(next => Text(next, "type")));
        var open = -1;
        var begun = 0;
        foreach (var next in events)
        {
            switch (Text(next, "type"))
            {
                case "response.output_item.added":
                    Assert.Equal((-1, begun), (open, next.GetProperty("output_index").GetInt32()));
                    open = begun++;
                    break;
                case "response.output_item.done":
                    Assert.Equal(open, next.GetProperty("output_index").GetInt32());
                    open = -1;
                    break;
            }
        }

        Assert.Equal(-1, open);
        Assert.Equal(begun, events[^1].GetProperty("response").GetProperty("output").GetArrayLength());
    }

    private static (string Name, string Arguments) Summary(JsonElement item) => (Text(item, "name"), Text(item, "arguments"));

    private static async Task<JsonElement> PostAsync(TinyModelServer server, string fields)
    {
        using var response = await server.Http.PostAsync("/v1/responses", TestServer.Json(Body(fields)));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonDocument.Parse(body).RootElement;
    }

    private static async Task<JsonElement[]> StreamAsync(TinyModelServer server, string fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = TestServer.Json(Body(fields + ",\"stream\":true")) };
        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var sse = await Sse.OpenAsync(response);
        return [.. (await sse.DataAsync()).Select(data => JsonDocument.Parse(data).RootElement)];
    }

    private static string Body(string fields) =>
        fields.Contains("\"input\"", StringComparison.Ordinal) ? $"{{\"model\":\"tiny\",{fields}}}" : $"{{\"model\":\"tiny\",\"input\":\"x\",{fields}}}";

    private static string Text(JsonElement value, string name) => value.GetProperty(name).GetString()!;
}
