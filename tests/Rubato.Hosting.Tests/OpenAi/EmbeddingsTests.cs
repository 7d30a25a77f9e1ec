using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.OpenAi;

public sealed class EmbeddingsTests
{
    private static readonly string[] Texts = [.. Enumerable.Range(0, 24).Select(i => $"the note {i} borrows time from {string.Join(" and ", Enumerable.Range(i, 1 + (i % 7)))}")];

    /// <summary>The real model: a text's vector has the same bits alone and among other texts and running chats, in chunks and after preemptions.</summary>
    [Theory]
    [InlineData(EmbeddingPooling.Mean)]
    [InlineData(EmbeddingPooling.First)]
    [InlineData(EmbeddingPooling.Last)]
    public async Task TheVectorOfAText_DoesNotDependOnWhatRunsBeside(EmbeddingPooling pooling)
    {
        using var file = new TinyModelFile();
        var options = new ServerOptions { Port = 0 };
        options.Serving.ModelPath = file.Path;
        options.Serving.Threads = 2;
        options.Serving.Pooling = pooling;
        options.Serving.Scheduler.KvBlocks = 24;
        options.Serving.Scheduler.TokenBudgetPerStep = 32;
        options.Serving.Scheduler.RunningMax = 16;
        await using var server = RubatoServer.Build(options);
        await server.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(server.Urls.Single()), Timeout = Wait.Limit };
        var alone = new List<float[]>();
        foreach (var text in Texts)
        {
            alone.AddRange(Vectors(await EmbedAsync(http, new { model = "tiny", input = text })));
        }

        var chats = Task.WhenAll(Enumerable.Range(0, 6).Select(i => http.PostAsJsonAsync("/v1/completions", new { model = "tiny", prompt = $"the beat {i}", max_tokens = 60, temperature = 0 })));
        var together = Vectors(await EmbedAsync(http, new { model = "tiny", input = Texts }));
        Assert.Equal(alone, together);
        Assert.All(together, vector => Assert.Equal(1, vector.Sum(value => (double)value * value), 1e-5));

        // The first token is the same in all these texts, and sees nothing of what follows.
        Assert.Equal(pooling == EmbeddingPooling.First ? 1 : Texts.Length, together.Select(vector => string.Join(' ', vector)).Distinct().Count());
        foreach (var answer in await chats)
        {
            Assert.True(answer.IsSuccessStatusCode);
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Pooling_IsTheDefinition()
    {
        int[] tokens = [FakeTokenizer.Begin, .. "the beat"u8.ToArray().Select(unit => (int)unit)];
        float[][] states = [.. Enumerable.Range(1, tokens.Length).Select(count => FakeExecutor.State(tokens[..count]))];
        foreach (var (pooling, expected) in new[]
        {
            (EmbeddingPooling.First, states[0]),
            (EmbeddingPooling.Last, states[^1]),
            (EmbeddingPooling.Mean, Enumerable.Range(0, FakeExecutor.StateWidth).Select(i => states.Average(state => state[i])).ToArray()),
        })
        {
            await using var server = await TestServer.StartAsync(new() { Pooling = pooling });
            var answer = await EmbedAsync(server.Client, new { model = TestEngine.ModelName, input = "the beat" });
            var length = Math.Sqrt(expected.Sum(value => (double)value * value));
            Assert.Equal(expected.Select(value => value / length), Vectors(answer).Single().Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
            Assert.Equal(tokens.Length, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
            Assert.Equal(tokens.Length, answer.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        }
    }

    [Fact]
    public async Task AllFormsOfInputAndOutput_GiveTheSameVector()
    {
        await using var server = await TestServer.StartAsync();
        var tokens = TestEngine.Prompt("the beat");
        var plain = Vectors(await EmbedAsync(server.Client, new { model = TestEngine.ModelName, input = "the beat" })).Single();
        Assert.Equal(plain, Vectors(await EmbedAsync(server.Client, new { model = TestEngine.ModelName, input = tokens })).Single());
        var many = await EmbedAsync(server.Client, new { model = TestEngine.ModelName, input = new object[] { "another", tokens, "the beat" }, user = "me" });
        Assert.Equal([0, 1, 2], many.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("index").GetInt32()));
        Assert.Equal(plain, Vectors(many)[1]);
        Assert.Equal(plain, Vectors(many)[2]);
        var encoded = await EmbedAsync(server.Client, new { model = TestEngine.ModelName, input = "the beat", encoding_format = "base64" });
        var bytes = encoded.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(plain, MemoryMarshal.Cast<byte, float>(bytes).ToArray());

        var shorter = Vectors(await EmbedAsync(server.Client, new { model = TestEngine.ModelName, input = "the beat", dimensions = 3 })).Single();
        Assert.Equal(1, shorter.Sum(value => (double)value * value), 1e-6);
        Assert.Equal(plain[0] / plain[1], shorter[0] / shorter[1], 1e-5f);
        Assert.Equal(3, shorter.Length);
    }

    [Fact]
    public async Task MoreTextsThanTheQueueHolds_AreEmbeddedInWaves()
    {
        await using var server = await TestServer.StartAsync(new() { Scheduler = new() { RunningMax = 3, WaitingMax = 0, TokenBudgetPerStep = 64 } });
        string[] inputs = [.. Enumerable.Range(0, 50).Select(i => $"text {i}")];
        var vectors = Vectors(await EmbedAsync(server.Client, new { model = TestEngine.ModelName, input = inputs }));
        Assert.Equal(50, vectors.Length);
        Assert.Equal(Vectors(await EmbedAsync(server.Client, new { model = TestEngine.ModelName, input = inputs[37] })).Single(), vectors[37]);
    }

    [Theory]
    [InlineData("\"model\":\"fake/model-1\"", 400, "input")]
    [InlineData("\"input\":\"x\"", 400, "model")]
    [InlineData("\"model\":\"another\",\"input\":\"x\"", 404, "model")]
    [InlineData("\"model\":\"fake/model-1\",\"input\":[]", 400, "input")]
    [InlineData("\"model\":\"fake/model-1\",\"input\":{}", 400, "input")]
    [InlineData("\"model\":\"fake/model-1\",\"input\":[true]", 400, "input[0]")]
    [InlineData("\"model\":\"fake/model-1\",\"input\":[[]]", 400, "input[0]")]
    [InlineData("\"model\":\"fake/model-1\",\"input\":[5,100000]", 400, "input")]
    [InlineData("\"model\":\"fake/model-1\",\"input\":\"x\",\"encoding_format\":\"hex\"", 400, "encoding_format")]
    [InlineData("\"model\":\"fake/model-1\",\"input\":\"x\",\"dimensions\":0", 400, "dimensions")]
    [InlineData("\"model\":\"fake/model-1\",\"input\":\"x\",\"dimensions\":7", 400, "dimensions")]
    public async Task WhatIsWrong_IsNamed(string fields, int status, string param)
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.PostAsync("/v1/embeddings", "{" + fields + "}");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(param, (await OpenAiErrors.ReadAsync(response)).GetProperty("param").GetString());
    }

    [Fact]
    public async Task TextsThatDoNotFit_AndModelsWithoutPooling_AreRefused()
    {
        await using var server = await TestServer.StartAsync(new() { Scheduler = new() { ContextTokens = 20 } });
        using var fits = await server.PostAsync("/v1/embeddings", $$"""{"model":"fake/model-1","input":"{{new string('x', 19)}}"}""");
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        using var tooLong = await server.PostAsync("/v1/embeddings", $$"""{"model":"fake/model-1","input":["x","{{new string('x', 20)}}"]}""");
        var error = await OpenAiErrors.ReadAsync(tooLong);
        Assert.Equal(("input[1]", "context_length_exceeded"), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));

        await using var raw = await TestServer.StartAsync(new() { Pooling = EmbeddingPooling.None });
        using var refused = await raw.PostAsync("/v1/embeddings", """{"model":"fake/model-1","input":"x"}""");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("--pooling", (await OpenAiErrors.ReadAsync(refused)).GetProperty("message").GetString());
    }

    [Fact]
    public async Task AFailingModel_IsAnError_AndTheServerGoesOn()
    {
        var fails = true;
        await using var server = await TestServer.StartAsync(new()
        {
            BeforeStep = _ =>
            {
                if (Volatile.Read(ref fails))
                {
                    throw new InvalidOperationException("a kernel failed");
                }
            },
        });
        using var failed = await server.PostAsync("/v1/embeddings", """{"model":"fake/model-1","input":["x","y"]}""");
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Volatile.Write(ref fails, false);
        using var works = await server.PostAsync("/v1/embeddings", """{"model":"fake/model-1","input":["x","y"]}""");
        Assert.Equal(HttpStatusCode.OK, works.StatusCode);
    }

    private static async Task<JsonElement> EmbedAsync(HttpClient http, object body)
    {
        using var response = await http.PostAsJsonAsync("/v1/embeddings", body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static float[][] Vectors(JsonElement answer) =>
        [.. answer.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ToArray())];
}
