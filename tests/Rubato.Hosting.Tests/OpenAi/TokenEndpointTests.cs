using System.Net;
using System.Text;
using System.Text.Json;
using CsCheck;
using Rubato.Hosting.Tests.Testing;
using Rubato.Models.Chat;

namespace Rubato.Hosting.Tests.OpenAi;

/// <summary>/tokenize, /detokenize and /apply-template in the shapes of llama.cpp and vLLM.</summary>
public sealed class TokenEndpointTests
{
    private const string Conversation = "[{\"role\":\"user\",\"content\":\"the <|turn|> bar\"}]";

    [Theory]
    [InlineData("\"content\":\"bar<|turn|>\"", new int[] { 'b', 'a', 'r', FakeTokenizer.TurnStart })]
    [InlineData("\"content\":\"bar\",\"add_special\":true", new int[] { FakeTokenizer.Begin, 'b', 'a', 'r' })]
    [InlineData("\"content\":\"<s>\",\"parse_special\":false", new int[] { '<', 's', '>' })]
    [InlineData("\"content\":\"\"", new int[0])]
    [InlineData("\"prompt\":\"bar\",\"model\":\"fake/model-1\"", new int[] { FakeTokenizer.Begin, 'b', 'a', 'r' })]
    [InlineData("\"prompt\":\"bar\",\"add_special_tokens\":false", new int[] { 'b', 'a', 'r' })]
    public async Task Tokenize_GivesTokensCountAndContext(string fields, int[] expected)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await PostAsync(server, "/tokenize", "{" + fields + "}");
        Assert.Equal(expected, answer.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32()));
        Assert.Equal(expected.Length, answer.GetProperty("count").GetInt32());
        Assert.Equal(server.Engine.Engine.Limits.SequenceTokensMax, answer.GetProperty("max_model_len").GetInt32());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("token_strs").ValueKind);
    }

    [Fact]
    public async Task Tokenize_WithPieces_SpellsTokens_AndGivesBytesOfPartsOfCharacters()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await PostAsync(server, "/tokenize", """{"content":"aé<s>","with_pieces":true,"return_token_strs":true}""");
        Assert.Equal(
            """[{"id":97,"piece":"a"},{"id":195,"piece":[195]},{"id":169,"piece":[169]},{"id":256,"piece":"<s>"}]""",
            answer.GetProperty("tokens").GetRawText());
        Assert.Equal("<s>", answer.GetProperty("token_strs")[3].GetString());
    }

    [Fact]
    public async Task Conversation_IsTokenizedAsTheChatRouteDoes_AndTheTemplateShowsIt()
    {
        await using var server = await TestServer.StartAsync();
        var tokens = (await PostAsync(server, "/tokenize", $$"""{"messages":{{Conversation}}}""")).GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32());
        var prompt = (await PostAsync(server, "/apply-template", $$"""{"messages":{{Conversation}}}""")).GetProperty("prompt").GetString();
        Assert.Equal(FakeTokenizer.RenderChat([new ChatMessage("user", "the <|turn|> bar")]), prompt);
        Assert.Equal(2, tokens.Count(token => token == FakeTokenizer.TurnStart)); // What the message spells is text.
        Assert.Equal(prompt, (await PostAsync(server, "/detokenize", $$"""{"tokens":[{{string.Join(',', tokens)}}]}""")).GetProperty("content").GetString());
    }

    /// <summary>Text that spells no control token comes back as it was.</summary>
    [Fact]
    public async Task Detokenize_UndoesTokenize()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var text in Texts())
        {
            var tokens = (await PostAsync(server, "/tokenize", JsonSerializer.Serialize(new { content = text }))).GetProperty("tokens").GetRawText();
            var back = await PostAsync(server, "/detokenize", $$"""{"tokens":{{tokens}},"model":"fake/model-1"}""");
            Assert.Equal(text, back.GetProperty("prompt").GetString());
            Assert.Equal(text, back.GetProperty("content").GetString());
        }
    }

    [Theory]
    [InlineData("/tokenize", "{}", 400, "content")]
    [InlineData("/tokenize", """{"content":"a","prompt":"b"}""", 400, "prompt")]
    [InlineData("/tokenize", """{"content":7}""", 400, "content")]
    [InlineData("/tokenize", """{"content":"a","with_pieces":"yes"}""", 400, "with_pieces")]
    [InlineData("/tokenize", """{"content":"a","model":"another"}""", 404, "model")]
    [InlineData("/tokenize", """{"messages":[]}""", 400, "messages")]
    [InlineData("/detokenize", "{}", 400, "tokens")]
    [InlineData("/detokenize", """{"tokens":[1,"x"]}""", 400, "tokens")]
    [InlineData("/detokenize", """{"tokens":[-1]}""", 400, "tokens")]
    [InlineData("/detokenize", """{"tokens":[100000]}""", 400, "tokens")]
    [InlineData("/apply-template", """{"content":"a"}""", 400, "messages")]
    public async Task WhatIsWrong_IsNamed(string path, string body, int status, string param)
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.PostAsync(path, body);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(param, (await OpenAiErrors.ReadAsync(response)).GetProperty("param").GetString());
    }

    [Fact]
    public async Task TheGate_GuardsTheseRoutesToo()
    {
        await using var server = await TestServer.StartAsync(null, options => options.Serving.Http.ApiKeys.Add("sesame-open"));
        foreach (var path in new[] { "/tokenize", "/detokenize", "/apply-template" })
        {
            using var response = await server.PostAsync(path, """{"content":"a"}""");
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            using var wrong = await server.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }
    }

    private static IEnumerable<string> Texts()
    {
        var texts = new List<string> { "", "the bar ends", "naïve 音楽 🎵\n" };
        Gen.String[Gen.Char['\u0020', '\u07ff'], 0, 40].Sample(text =>
        {
            lock (texts)
            {
                texts.Add(text);
            }
        }, iter: 30);
        return texts.Where(text => Encoding.UTF8.GetByteCount(text) > 0 || text.Length == 0).Where(text => !text.Contains("<s>") && !text.Contains("</s>"));
    }

    private static async Task<JsonElement> PostAsync(TestServer server, string path, string body)
    {
        using var response = await server.PostAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
