using System.Text.Json;
using Microsoft.Extensions.AI;
using Rubato.Core;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Output;

/// <summary>Answers in JSON, over HTTP and in-process, from a real model.</summary>
public sealed class ResponseFormatTests
{
    private const string Schema =
        """{"type":"object","properties":{"mood":{"enum":["calm","wild","größer"]},"tempo":{"type":"integer","minimum":40,"maximum":208},"loud":{"type":"boolean"}},"required":["mood","tempo"],"additionalProperties":false}""";

    private const string Format = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"tune\",\"strict\":true,\"schema\":" + Schema + "}}";

    [Fact]
    public async Task Schema_IsKept_ByEveryChoice_WholeAndStreamed_WithFewBlocksToo()
    {
        // Few blocks make sequences lose theirs midway; what they go on with must be the same.
        var texts = new List<string[]>();
        foreach (var blocks in new[] { 1024, 24 })
        {
            await using var server = await TinyModelServer.StartAsync(kvBlocks: blocks);
            var fields = Format + ",\"n\":6,\"seed\":3,\"temperature\":1.3,\"max_tokens\":150,\"logprobs\":true";
            var body = await server.ChatAsync(fields);
            var choices = body.GetProperty("choices").EnumerateArray().ToArray();
            texts.Add([.. choices.Select(choice => choice.GetProperty("message").GetProperty("content").GetString()!)]);
            Assert.All(choices, choice => Assert.Equal("stop", choice.GetProperty("finish_reason").GetString()));
            Assert.All(texts[^1], AssertIsTune);
            Assert.All(choices, choice => Assert.True(choice.GetProperty("logprobs").GetProperty("content").GetArrayLength() > 5));

            var streamed = new string[6];
            foreach (var chunk in (await server.StreamAsync(fields)).Select(chunk => chunk.GetProperty("choices")[0]))
            {
                streamed[chunk.GetProperty("index").GetInt32()] += chunk.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : "";
            }

            Assert.Equal(texts[^1], streamed);
        }

        Assert.Equal(texts[0], texts[1]);
    }

    /// <summary>/v1/completions takes the same field: every prompt's answer keeps it.</summary>
    [Fact]
    public async Task Completions_KeepTheSchema_WholeAndStreamed()
    {
        await using var server = await TinyModelServer.StartAsync();
        var fields = "{\"model\":\"tiny\",\"prompt\":[\"a tune\",\"b\"],\"seed\":5,\"temperature\":1.3,\"max_tokens\":150," + Format;
        using var response = await server.Http.PostAsync("/v1/completions", TestServer.Json(fields + "}"));
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        var texts = body.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()!).ToArray();
        Assert.Equal(2, texts.Length);
        Assert.All(texts, AssertIsTune);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = TestServer.Json(fields + ",\"stream\":true}") };
        using var stream = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var sse = await Sse.OpenAsync(stream);
        var streamed = new string[2];
        foreach (var choice in (await sse.ChunksAsync()).Select(chunk => chunk.GetProperty("choices")[0]))
        {
            streamed[choice.GetProperty("index").GetInt32()] += choice.GetProperty("text").GetString();
        }

        Assert.Equal(texts, streamed);
    }

    /// <summary>What other servers call a constraint is refused by name, not passed over.</summary>
    [Theory]
    [InlineData("json_schema", "{}")]
    [InlineData("grammar", "\"root ::= x\"")]
    [InlineData("guided_json", "{\"type\":\"object\"}")]
    [InlineData("structured_outputs", "{\"regex\":\"a\"}")]
    public async Task OtherNamesOfConstraints_AreRefused(string name, string value)
    {
        await using var server = await TinyModelServer.StartAsync();
        foreach (var (route, prompt) in new[] { ("/v1/completions", "\"prompt\":\"x\""), ("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]") })
        {
            using var response = await server.Http.PostAsync(route, TestServer.Json($"{{\"model\":\"tiny\",{prompt},\"{name}\":{value}}}"));
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
            var error = await OpenAiErrors.ReadAsync(response);
            Assert.Equal(name, error.GetProperty("param").GetString());
            Assert.Contains("response_format", error.GetProperty("message").GetString());
        }
    }

    [Fact]
    public async Task JsonObject_IsAnObject_AndLengthIsTheOneException()
    {
        await using var server = await TinyModelServer.StartAsync();
        var (stopped, cut) = (0, 0);
        for (var seed = 0; seed < 6; seed++)
        {
            var body = await server.ChatAsync($"\"response_format\":{{\"type\":\"json_object\"}},\"seed\":{seed},\"temperature\":2,\"max_tokens\":60,\"logit_bias\":{{}}");
            var choice = body.GetProperty("choices")[0];
            var text = choice.GetProperty("message").GetProperty("content").GetString()!;
            Assert.StartsWith("{", text.TrimStart());
            if (choice.GetProperty("finish_reason").GetString() == "stop")
            {
                stopped++;
                Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(text).RootElement.ValueKind);
            }
            else
            {
                cut++;
                Assert.Equal(60, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
            }
        }

        Assert.Equal(6, stopped + cut);
    }

    /// <summary>A stop text cannot cut a value in two.</summary>
    [Fact]
    public async Task StopTexts_AreNotLookedForInJson()
    {
        await using var server = await TinyModelServer.StartAsync();
        var body = await server.ChatAsync(Format + ",\"stop\":[\"mood\",\":\"],\"seed\":1,\"max_tokens\":150");
        AssertIsTune(body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
    }

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"yaml\"}", "response_format.type")]
    [InlineData("\"response_format\":7", "response_format")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a b\",\"schema\":{}}}", "response_format.json_schema.name")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"properties\":{\"x\":{\"not\":{}}}}}}", "response_format.json_schema.schema.properties.x.not")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"enum\":[]}}}", "response_format.json_schema.schema")]
    [InlineData("\"response_format\":{\"type\":\"json_object\"},\"ignore_eos\":true", "ignore_eos")]
    public async Task Refusals_NameTheField(string fields, string param)
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.PostAsync("/v1/chat/completions", $"{{\"model\":\"fake/model-1\",\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}],{fields}}}");
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (await OpenAiErrors.ReadAsync(response)).GetProperty("param").GetString());
    }

    [Fact]
    public async Task InProcess_TakesASchemaOfAType()
    {
        await using var server = await TinyModelServer.StartAsync();
        var options = new ChatOptions { Seed = 2, Temperature = 1, MaxOutputTokens = 200, ResponseFormat = ChatResponseFormat.ForJsonSchema<Tune>() };
        var tune = JsonSerializer.Deserialize<Tune>((await server.InProcess.GetResponseAsync("x", options)).Text, AIJsonUtilities.DefaultOptions)!;
        Assert.Contains(tune.Mood, Enum.GetValues<Mood>());
        var error = await Assert.ThrowsAsync<InvalidOptionException>(() => server.InProcess.GetResponseAsync("x", new ChatOptions
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("""{"type":"array","uniqueItems":true}""").RootElement),
        }));
        Assert.Contains("uniqueItems", error.Message, StringComparison.Ordinal);
    }

    private static void AssertIsTune(string text)
    {
        var tune = JsonDocument.Parse(text).RootElement;
        Assert.Contains(tune.GetProperty("mood").GetString(), new[] { "calm", "wild", "größer" });
        Assert.InRange(tune.GetProperty("tempo").GetInt32(), 40, 208);
        Assert.All(tune.EnumerateObject(), member => Assert.Contains(member.Name, new[] { "mood", "tempo", "loud" }));
    }

    private enum Mood
    {
        Calm,
        Wild,
    }

    private sealed record Tune(Mood Mood, bool IsLoud, Mood? Second);
}
