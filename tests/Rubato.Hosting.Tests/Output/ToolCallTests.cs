using System.Text.Json;
using Rubato.Hosting.Tests.Testing;
using Rubato.Models.Chat;

namespace Rubato.Hosting.Tests.Output;

/// <summary>Calls of functions over HTTP, from a real model, in the forms of the families.</summary>
public sealed class ToolCallTests
{
    private const string Tools =
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"set_tempo\",\"description\":\"Sets it.\",\"parameters\":{\"type\":\"object\",\"properties\":{\"bpm\":{\"type\":\"integer\",\"minimum\":40,\"maximum\":208},\"mood\":{\"enum\":[\"calm\",\"a \\\"b\\\" {c}\"]}},\"required\":[\"bpm\",\"mood\"]}}},"
        + "{\"type\":\"function\",\"function\":{\"name\":\"stop\"}}]";

    private const string Qwen =
        "{% if tools %}<|im_start|>system\n{% for tool in tools %}{{ tool | tojson }}{% endfor %}\nWrite <tool_call>{\"name\": ..., \"arguments\": ...}</tool_call><|im_end|>\n{% endif %}"
        + "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}{% for c in m.tool_calls or [] %}<tool_call>{{ c.function.name }} {{ c.function.arguments | tojson }}</tool_call>{% endfor %}<|im_end|>\n{% endfor %}<|im_start|>assistant\n";

    private const string Mistral =
        "{% for m in messages %}[INST]{{ m.content }}[/INST]{% for c in m.tool_calls or [] %}[TOOL_CALLS] {{ c.function | tojson }}{{ c.id }}{% endfor %}{% endfor %}{{ tools | length }}";

    private const string Llama = "{% for t in tools %}{{ t | tojson }}{% endfor %}{% for m in messages %}<|python_tag|>{{ m.content }}{% endfor %}";

    private const string MistralNamed =
        "{% for m in messages %}[INST]{{ m.content }}[/INST]{% for c in m.tool_calls or [] %}[TOOL_CALLS]{{ c.function.name }}[ARGS]{{ c.function.arguments | tojson }}{% endfor %}{% endfor %}{{ tools | length }}";

    private const string MistralNumbered =
        "{% for m in messages %}[INST]{{ m.content }}[/INST]{% for c in m.tool_calls or [] %}[TOOL_CALLS]{{ c.function.name }}[CALL_ID]{{ c.id }}[ARGS]{{ c.function.arguments | tojson }}{% endfor %}{% endfor %}{{ tools | length }}";

    public static TheoryData<string> Templates => [ChatTemplate.ChatMl, Qwen, Mistral, MistralNamed, MistralNumbered, Llama];

    /// <summary>With a format and functions, an answer is calls or JSON in that format, in every family; both come about.</summary>
    [Theory]
    [MemberData(nameof(Templates))]
    public async Task AFormatBesideFunctions_GivesOneOrTheOther(string template)
    {
        await using var server = await TinyModelServer.StartAsync(template);
        const string Format = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"person\",\"schema\":{\"type\":\"object\",\"properties\":{\"name\":{\"enum\":[\"Ada\",\"stop\"]},\"age\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":99}},\"required\":[\"name\",\"age\"],\"additionalProperties\":false}}}";
        var (calls, texts) = (0, 0);
        for (var seed = 0; seed < 8; seed++)
        {
            var fields = $"{Tools},{Format},\"seed\":{seed},\"temperature\":1.5,\"max_tokens\":900";
            var choice = (await server.ChatAsync(fields)).GetProperty("choices")[0];
            var message = choice.GetProperty("message");
            if (choice.GetProperty("finish_reason").GetString() == "tool_calls")
            {
                calls++;
                Assert.All(message.GetProperty("tool_calls").EnumerateArray(), AssertIsCall);
            }
            else if (choice.GetProperty("finish_reason").GetString() == "stop")
            {
                texts++;
                var person = JsonDocument.Parse(message.GetProperty("content").GetString()!).RootElement;
                Assert.Contains(person.GetProperty("name").GetString(), new[] { "Ada", "stop" });
                Assert.InRange(person.GetProperty("age").GetInt32(), 1, 99);
                var streamed = (await server.StreamAsync(fields)).Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta"));
                Assert.Equal(message.GetProperty("content").GetString(), string.Concat(streamed.Select(delta => delta.TryGetProperty("content", out var content) ? content.GetString() : "")));
            }
        }

        Assert.True(calls + texts >= 4, $"{calls} calls, {texts} texts");
    }

    /// <summary>A template that takes one call in a turn gets them one after the other.</summary>
    [Fact]
    public async Task SeveralCallsInATurn_ReachATemplateThatTakesOne()
    {
        const string OneOnly = "{% for t in tools or [] %}<|python_tag|>{{ t | tojson }}{% endfor %}{% for m in messages %}{% if m.tool_calls %}{% if m.tool_calls | length != 1 %}{{ raise_exception('one only') }}{% endif %}CALL {{ m.tool_calls[0].function.name }}{% else %}{{ m.role }} {{ m.content }}{% endif %}{% endfor %}";
        await using var server = await TinyModelServer.StartAsync(OneOnly);
        using var response = await server.Http.PostAsync("/apply-template", TestServer.Json(
            "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
            + "{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}},{\"id\":\"2\",\"type\":\"function\",\"function\":{\"name\":\"b\",\"arguments\":\"{}\"}}]},"
            + "{\"role\":\"tool\",\"tool_call_id\":\"2\",\"content\":\"two\"},{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"one\"},{\"role\":\"user\",\"content\":\"y\"}]}"));
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal("user xCALL atool oneCALL btool twouser y", JsonDocument.Parse(text).RootElement.GetProperty("prompt").GetString());
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public async Task Required_GivesCalls_WholeAndStreamedAlike(string template)
    {
        await using var server = await TinyModelServer.StartAsync(template);
        for (var seed = 0; seed < 3; seed++)
        {
            var fields = $"{Tools},\"tool_choice\":\"required\",\"seed\":{seed},\"temperature\":1.2,\"n\":2,\"max_tokens\":900";
            var body = await server.ChatAsync(fields);
            var chunks = await server.StreamAsync(fields + ",\"stream_options\":{\"include_usage\":true}");
            var choices = body.GetProperty("choices").EnumerateArray().ToArray();
            Assert.Equal(2, choices.Length);
            foreach (var choice in choices.Where(choice => choice.GetProperty("finish_reason").GetString() != "length"))
            {
                Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
                Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("content").ValueKind);
                Assert.True(choice.GetProperty("message").GetProperty("tool_calls").GetArrayLength() >= 1);
                Assert.All(choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray(), AssertIsCall);
            }

            Assert.Equal(
                choices.Select(choice => Summary(choice.GetProperty("message").GetProperty("tool_calls"))),
                Enumerable.Range(0, 2).Select(index => Streamed(chunks, index)));
            Assert.Equal(
                body.GetProperty("usage").GetProperty("completion_tokens").GetInt32(),
                chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        }
    }

    [Fact]
    public async Task Named_GivesThatCallAlone_InDeltasOfOpenAisShape()
    {
        await using var server = await TinyModelServer.StartAsync();
        var fields = Tools + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"set_tempo\"}},\"seed\":1,\"max_tokens\":300";
        var deltas = (await server.StreamAsync(fields)).Select(chunk => chunk.GetProperty("choices")[0]).ToArray();
        Assert.Equal("assistant", deltas[0].GetProperty("delta").GetProperty("role").GetString());
        var calls = deltas.Select(delta => delta.GetProperty("delta")).Where(delta => delta.TryGetProperty("tool_calls", out _)).Select(delta => delta.GetProperty("tool_calls")).ToArray();
        Assert.All(calls, call => Assert.Equal(1, call.GetArrayLength()));
        var first = calls[0][0];
        Assert.Equal(["index", "id", "type", "function"], first.EnumerateObject().Select(member => member.Name));
        Assert.StartsWith("call_", first.GetProperty("id").GetString());
        Assert.Equal(("set_tempo", ""), (first.GetProperty("function").GetProperty("name").GetString(), first.GetProperty("function").GetProperty("arguments").GetString()));
        Assert.All(calls[1..], call => Assert.Equal(["index", "function"], call[0].EnumerateObject().Select(member => member.Name)));
        Assert.True(calls.Length > 5);
        Assert.Equal("tool_calls", deltas[^1].GetProperty("finish_reason").GetString());
        Assert.All(deltas, delta => Assert.False(delta.GetProperty("delta").TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String));
    }

    [Fact]
    public async Task ParallelCallsOff_GivesOne()
    {
        await using var server = await TinyModelServer.StartAsync(Mistral);
        var several = 0;
        for (var seed = 0; seed < 5; seed++)
        {
            foreach (var parallel in new[] { "true", "false" })
            {
                var body = await server.ChatAsync($"{Tools},\"tool_choice\":\"required\",\"parallel_tool_calls\":{parallel},\"seed\":{seed},\"temperature\":2,\"max_tokens\":900");
                var count = body.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls").GetArrayLength();
                several += count > 1 ? 1 : 0;
                Assert.True(parallel == "true" || count == 1);
            }
        }

        Assert.True(several > 0);
    }

    [Fact]
    public async Task None_AndAuto_LetTextFlow()
    {
        await using var server = await TinyModelServer.StartAsync();
        foreach (var choice in new[] { "\"none\"", "\"auto\"" })
        {
            var body = await server.ChatAsync($"{Tools},\"tool_choice\":{choice},\"temperature\":0,\"max_tokens\":20,\"logprobs\":true");
            var message = body.GetProperty("choices")[0].GetProperty("message");
            Assert.False(message.TryGetProperty("tool_calls", out _));
            Assert.NotEqual("", message.GetProperty("content").GetString());
            Assert.Equal("length", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        }

        // Functions that must not be called are not shown: the prompt is that of a plain request.
        var plain = await server.ChatAsync("\"max_tokens\":1");
        var none = await server.ChatAsync($"{Tools},\"tool_choice\":\"none\",\"max_tokens\":1");
        Assert.Equal(plain.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), none.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public async Task CallsAndResults_GoBackThroughTheTemplate(string template)
    {
        await using var server = await TinyModelServer.StartAsync(template);
        var body = await server.ChatAsync(
            "\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"stop\",\"arguments\":\"{}\"}}]},"
            + "{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"done <|im_end|>\"}],\"max_tokens\":2," + Tools);
        Assert.True(body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > 10);
    }

    [Theory]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData("\"tools\":[{}]", "tools[0].type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]", "tools[0].function.name")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":7}}]", "tools[0].function.parameters")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":{\"type\":\"array\"}}}]", "tools[0].function.parameters")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":{\"properties\":{\"x\":{\"not\":{}}}}}}]", "tools[0].function.parameters.properties.x.not")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}},{\"type\":\"function\",\"function\":{\"name\":\"a\"}}]", "tools")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"b\"}}", "tool_choice.function.name")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":\"maybe\"", "tool_choice")]
    [InlineData("\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]", "messages[0].tool_call_id")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"tool_calls\":[{}]}]", "messages[0].tool_calls")]
    [InlineData("\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"1\",\"function\":{\"name\":\"a\",\"arguments\":\"{\"}}]}]", "messages[0].tool_calls[0].function.arguments")]
    public async Task Refusals_NameTheField(string fields, string param)
    {
        await using var server = await TestServer.StartAsync();
        var messages = fields.Contains("messages", StringComparison.Ordinal) ? "" : "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],";
        using var response = await server.PostAsync("/v1/chat/completions", $"{{\"model\":\"fake/model-1\",{messages}{fields}}}");
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (await OpenAiErrors.ReadAsync(response)).GetProperty("param").GetString());
    }

    private static void AssertIsCall(JsonElement call)
    {
        Assert.StartsWith("call_", call.GetProperty("id").GetString());
        Assert.Equal("function", call.GetProperty("type").GetString());
        var arguments = JsonDocument.Parse(call.GetProperty("function").GetProperty("arguments").GetString()!).RootElement;
        if (call.GetProperty("function").GetProperty("name").GetString() == "stop")
        {
            Assert.Empty(arguments.EnumerateObject());
        }
        else
        {
            Assert.InRange(arguments.GetProperty("bpm").GetInt32(), 40, 208);
            Assert.Contains(arguments.GetProperty("mood").GetString(), new[] { "calm", "a \"b\" {c}" });
        }
    }

    private static string Summary(JsonElement calls) => string.Join('|', calls.EnumerateArray().Select(call =>
        $"{call.GetProperty("function").GetProperty("name")}{call.GetProperty("function").GetProperty("arguments")}"));

    private static string Streamed(IEnumerable<JsonElement> chunks, int choice)
    {
        var calls = new List<string>();
        foreach (var delta in chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).Where(one => one.GetProperty("index").GetInt32() == choice).Select(one => one.GetProperty("delta")))
        {
            if (delta.TryGetProperty("tool_calls", out var list))
            {
                var function = list[0].GetProperty("function");
                if (function.TryGetProperty("name", out var name))
                {
                    Assert.Equal(calls.Count, list[0].GetProperty("index").GetInt32());
                    calls.Add(name.GetString()!);
                }

                calls[list[0].GetProperty("index").GetInt32()] += function.GetProperty("arguments").GetString();
            }
        }

        return string.Join('|', calls);
    }
}
