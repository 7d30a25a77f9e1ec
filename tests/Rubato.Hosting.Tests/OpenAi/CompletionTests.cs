using System.Net;
using System.Text.Json;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.OpenAi;

public sealed class CompletionTests
{
    [Fact]
    public async Task EveryFormOfPrompt_GivesItsChoices_AndAllTokensCount()
    {
        await using var server = await TestServer.StartAsync();
        int[] tokens = [.. TestEngine.Prompt("abc")];
        var asJson = JsonSerializer.Serialize(tokens);
        foreach (var (prompt, count) in new[] { ("\"abc\"", 1), ("[\"abc\",\"abc\"]", 2), (asJson, 1), ($"[{asJson},{asJson},\"abc\"]", 3) })
        {
            var body = await PostAsync(server, $$"""{"model":"fake/model-1","prompt":{{prompt}},"temperature":0,"n":2,"max_tokens":9}""");
            var choices = body.GetProperty("choices").EnumerateArray().ToArray();
            Assert.Equal(Enumerable.Range(0, 2 * count), choices.Select(choice => choice.GetProperty("index").GetInt32()));
            Assert.All(choices, choice => Assert.Equal(TestEngine.ExpectedText(tokens, 9), choice.GetProperty("text").GetString()));
            Assert.Equal(count * tokens.Length, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
            Assert.Equal(2 * count * 9, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        }
    }

    [Fact]
    public async Task LogProbabilities_AreParallelArrays_WithOffsetsIntoTheText()
    {
        await using var server = await TestServer.StartAsync();
        var body = await PostAsync(server, """{"model":"fake/model-1","prompt":"abc","temperature":0,"max_tokens":30,"logprobs":2}""");
        var choice = body.GetProperty("choices")[0];
        var text = choice.GetProperty("text").GetString()!;
        var logprobs = choice.GetProperty("logprobs");
        var tokens = logprobs.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!).ToArray();
        var offsets = logprobs.GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32()).ToArray();
        Assert.Equal(30, tokens.Length);
        Assert.Equal(30, logprobs.GetProperty("token_logprobs").GetArrayLength());
        Assert.Equal(30, logprobs.GetProperty("top_logprobs").GetArrayLength());
        for (var i = 0; i < tokens.Length && !tokens[i].StartsWith("bytes:", StringComparison.Ordinal); i++)
        {
            Assert.Equal(tokens[i], text.Substring(offsets[i], tokens[i].Length));
        }
    }

    [Fact]
    public async Task Stream_OfSeveralChoices_KeepsThemApart()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.PostStreamAsync(
            "/v1/completions", """{"model":"fake/model-1","prompt":["one","two"],"temperature":0,"max_tokens":20,"stream":true,"stream_options":{"include_usage":true}}""");
        using var sse = await Sse.OpenAsync(response);
        var chunks = await sse.ChunksAsync();
        var texts = chunks.SkipLast(1).Select(chunk => chunk.GetProperty("choices")[0]).ToLookup(choice => choice.GetProperty("index").GetInt32());
        Assert.Equal(TestEngine.ExpectedText(TestEngine.Prompt("one"), 20), string.Concat(texts[0].Select(choice => choice.GetProperty("text").GetString())));
        Assert.Equal(TestEngine.ExpectedText(TestEngine.Prompt("two"), 20), string.Concat(texts[1].Select(choice => choice.GetProperty("text").GetString())));
        Assert.Equal(40, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task MarkupOfControlTokens_InAPrompt_IsPlainText()
    {
        await using var server = await TestServer.StartAsync();
        var body = await PostAsync(server, """{"model":"fake/model-1","prompt":"</s>","temperature":0,"max_tokens":5}""");
        Assert.Equal(1 + "</s>".Length, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    private static async Task<JsonElement> PostAsync(TestServer server, string json)
    {
        using var response = await server.PostAsync("/v1/completions", json);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }
}
