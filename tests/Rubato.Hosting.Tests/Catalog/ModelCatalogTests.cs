using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Rubato.Core;
using Rubato.Hosting.Catalog;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Engine;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.Tests.Telemetry;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Catalog;

/// <summary>Several models by name, over HTTP, with real files.</summary>
public sealed class ModelCatalogTests : IDisposable
{
    private readonly TinyModelFile _file = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-models-").FullName;

    public void Dispose()
    {
        _file.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task NamedModels_AreLoadedAndAnswerByName()
    {
        await using var server = await StartAsync(serving =>
        {
            serving.ModelPath = _file.Path;
            serving.MoreModels.Add(new(_file.Path, "other"));
        });
        Assert.Equal([("tiny", "loaded"), ("other", "loaded")], await StatusesAsync(server));
        Assert.Equal(["tiny", "other"], server.Server.Engines.Select(engine => engine.Model.Name));
        var (status, first) = await CompleteAsync(server, "tiny");
        Assert.Equal((HttpStatusCode.OK, "tiny"), (status, first.GetProperty("model").GetString()));
        var (_, second) = await CompleteAsync(server, "other");
        Assert.Equal("other", second.GetProperty("model").GetString());
        Assert.Equal(TextOf(first), TextOf(second));
        var (missing, error) = await CompleteAsync(server, "nobody");
        Assert.Equal((HttpStatusCode.NotFound, "model_not_found"), (missing, error.GetProperty("error").GetProperty("code").GetString()));
        using var one = await server.Http.GetAsync("/v1/models/other");
        Assert.True((await one.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("max_model_len").GetInt32() > 0);
        using var tokens = await server.Http.PostAsJsonAsync("/tokenize", new { content = "the beat", model = "other" });
        Assert.Equal(HttpStatusCode.OK, tokens.StatusCode);
        var metrics = await server.Http.GetStringAsync("/metrics");
        Assert.All(new[] { "tiny", "other" }, name => Assert.Equal(8, PrometheusText.Parse(metrics).Value("vllm:generation_tokens_total", ("model_name", name))));
    }

    [Fact]
    public async Task FoundModels_AreListed_LoadedAndUnloaded()
    {
        Copy("a.gguf");
        Copy("deeper/b.gguf");
        Copy("deeper/a.gguf");
        await File.WriteAllTextAsync(Path.Combine(_folder, "broken.gguf"), "GGUF no more");
        await File.WriteAllTextAsync(Path.Combine(_folder, "notes.txt"), "no model");
        await using var server = await StartAsync(serving => serving.ModelFolders.Add(_folder));
        Assert.Empty(server.Server.Engines);
        Assert.Equal([("a", "unloaded"), ("broken", "failed"), ("deeper/a", "unloaded"), ("b", "unloaded")], await StatusesAsync(server));
        Assert.Contains("broken.gguf", await ErrorOfAsync(server, "broken"));
        Assert.DoesNotContain(_folder, await ErrorOfAsync(server, "broken"));
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/health")).StatusCode);

        var (status, error) = await CompleteAsync(server, "b");
        Assert.Equal((HttpStatusCode.BadRequest, "model_not_loaded"), (status, error.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/load", "b"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/load", "b"));
        Assert.Equal(HttpStatusCode.OK, (await CompleteAsync(server, "b")).Status);
        Assert.Contains(("b", "loaded"), await StatusesAsync(server));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(server, "/models/load", "broken"));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(server, "/models/load", "nobody"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(server, "/models/unload", "a"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/unload", "b"));
        Assert.Equal(HttpStatusCode.BadRequest, (await CompleteAsync(server, "b")).Status);
        Assert.Contains(("b", "unloaded"), await StatusesAsync(server));

        Copy("late.gguf");
        File.Delete(Path.Combine(_folder, "broken.gguf"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/load", "late"));
        Assert.DoesNotContain("broken", (await StatusesAsync(server)).Select(model => model.Name));
    }

    [Fact]
    public async Task OnDemand_ManyRequestsAtOnce_LoadAModelOnce()
    {
        Copy("a.gguf");
        await using var server = await StartAsync(serving =>
        {
            serving.ModelFolders.Add(_folder);
            serving.LoadsOnDemand = true;
        });
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => CompleteAsync(server, "a")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Single(answers.Select(answer => TextOf(answer.Body)).Distinct());
        Assert.Single(server.Server.Engines);
    }

    /// <summary>Clients learn which file is broken, not where this machine keeps it.</summary>
    [Fact]
    public async Task LoadErrors_NameNoFolder()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "broken.gguf"), "GGUF no more");
        await using var server = await StartAsync(serving => serving.ModelFolders.Add(_folder));
        _ = await StatusesAsync(server);
        using var response = await server.Http.PostAsJsonAsync("/models/load", new { model = "broken" });
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("broken.gguf", text);
        Assert.DoesNotContain(Path.GetFileName(_folder), text);
        Assert.DoesNotContain(Path.GetFileName(_folder), await ErrorOfAsync(server, "broken"));
    }

    [Theory]
    [InlineData("/a/b/x.gguf: the header ends early", "/a/b/x.gguf", "x.gguf: the header ends early")]
    [InlineData("cannot write '/home/u/.cache/rubato/x.packed': no space", "/a/x.gguf", "cannot write 'x.packed': no space")]
    [InlineData("/a b/x.gguf has 3/4 of its tensors", "/a b/x.gguf", "x.gguf has 3/4 of its tensors")]
    [InlineData("a file of C:\\models\\x.gguf", "y", "a file of x.gguf")]
    [InlineData("no path / here, and/or there", "y", "no path / here, and/or there")]
    public void Folders_AreLeftOut(string message, string path, string expected)
    {
        Assert.Equal(expected, ErrorTexts.WithoutPaths(new InvalidOptionException(message), path));
        Assert.DoesNotContain(message, ErrorTexts.WithoutPaths(new IOException(message), path));
    }

    /// <summary>Gauges tell what is now; of a model that is gone there is nothing to tell. Counters stay: they must not fall.</summary>
    [Fact]
    public async Task Unload_TakesTheGaugesAway()
    {
        await using var server = await StartAsync(serving =>
        {
            serving.ModelPath = _file.Path;
            serving.MoreModels.Add(new(_file.Path, "other"));
        });
        await CompleteAsync(server, "other");
        var before = PrometheusText.Parse(await server.Http.GetStringAsync("/metrics"));
        Assert.Equal(0, before.Value("vllm:num_requests_running", ("model_name", "other")));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/unload", "other"));
        for (var round = 0; round < 2; round++)
        {
            var after = PrometheusText.Parse(await server.Http.GetStringAsync("/metrics"));
            Assert.DoesNotContain(after.Samples, sample => after.Types.GetValueOrDefault(sample.Name) == "gauge" && sample.Labels.ContainsValue("other"));
            Assert.Equal(0, after.Value("vllm:num_requests_running", ("model_name", "tiny")));
            Assert.Equal(8, after.Value("vllm:generation_tokens_total", ("model_name", "other")));
        }

        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/load", "other"));
        Assert.Equal(0, PrometheusText.Parse(await server.Http.GetStringAsync("/metrics")).Value("vllm:num_requests_running", ("model_name", "other")));
    }

    /// <summary>A request may have found its model just before that is unloaded: it is told so, and when to come back.</summary>
    [Fact]
    public async Task ARequestThatMeetsAnUnloadingModel_IsToldSo()
    {
        await using var server = await StartAsync(serving => serving.ModelPath = _file.Path);
        var models = server.Server.Services.GetRequiredService<IModelDirectory>();
        var found = await models.FindAsync("tiny", default);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/unload", "tiny"));
        var answer = await found.Engine.SubmitAsync(new GenerationRequest { PromptTokens = [1], OutputTokensMax = 1 });
        var error = OpenAiError.ForOutcome(answer.Outcome, models, "tiny", 7, "prompt");
        Assert.Equal((503, 7, "model_unloading"), (error.Status, error.RetryAfterSeconds, error.Code));
        Assert.Contains("'tiny' is being unloaded; try again", error.Message);
        await models.DrainAsync(default);
        Assert.Equal("shutting_down", OpenAiError.ForOutcome(answer.Outcome, models, "tiny", 7, "prompt").Code);
    }

    /// <summary>Models of one server share its threads, step by step; what they say is what they say alone.</summary>
    [Fact]
    public async Task BusyModels_TakeTurns_AndSayTheSame()
    {
        await using var server = await StartAsync(serving =>
        {
            serving.ModelPath = _file.Path;
            serving.MoreModels.Add(new(_file.Path, "other"));
            serving.Threads = 2;
        });
        var expected = TextOf((await CompleteAsync(server, "tiny", 60)).Body);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => CompleteAsync(server, i % 2 == 0 ? "tiny" : "other", 60)));
        Assert.All(answers, answer => Assert.Equal(expected, TextOf(answer.Body)));
        Assert.All(server.Server.Engines, engine => Assert.Equal(2, engine.Threads));
    }

    /// <summary>What runs when a model is unloaded finishes; what comes after it is told so; a second load gives the same text.</summary>
    [Fact]
    public async Task Unload_LetsStreamsFinish()
    {
        await using var server = await StartAsync(serving => serving.ModelPath = _file.Path);
        var (_, expected) = await CompleteAsync(server, "tiny", 120);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = JsonContent.Create(new { model = "tiny", prompt = "the note", max_tokens = 120, temperature = 0, stream = true, ignore_eos = true }),
        };
        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var sse = await Sse.OpenAsync(response);
        _ = await sse.LineAsync();
        var unloading = PostAsync(server, "/models/unload", "tiny");
        var chunks = await sse.ChunksAsync();
        Assert.Equal(HttpStatusCode.OK, await Wait.AtMost(unloading));
        Assert.Equal("length", chunks[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/load", "tiny"));
        Assert.Equal(TextOf(expected), TextOf((await CompleteAsync(server, "tiny", 120)).Body));
    }

    [Fact]
    public async Task Memory_BoundsWhatIsLoadedTogether()
    {
        Copy("a.gguf");
        Copy("b.gguf");
        await using var server = await StartAsync(serving =>
        {
            serving.ModelFolders.Add(_folder);
            serving.KvMemoryBytes = 1 << 20;
            serving.MemoryBytesMax = new FileInfo(_file.Path).Length + (3 << 19);
        });
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/load", "a"));
        using var response = await server.Http.PostAsJsonAsync("/models/load", new { model = "b" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var error = await OpenAiErrors.ReadAsync(response);
        Assert.Equal("insufficient_memory", error.GetProperty("code").GetString());
        Assert.Contains("unload another model", error.GetProperty("message").GetString());
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/unload", "a"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "/models/load", "b"));
    }

    [Fact]
    public void OptionsThatCannotBe_AreRefused()
    {
        void Refused(string expected, Action<ServingOptions> configure)
        {
            var options = new ServerOptions { Port = 0 };
            configure(options.Serving);
            Assert.Contains(expected, Assert.Throws<InvalidOptionException>(() => RubatoServer.Build(options)).Message, StringComparison.Ordinal);
        }

        Refused("ModelPath is empty", _ => { });
        Refused("no such folder", serving => serving.ModelFolders.Add(Path.Combine(_folder, "none")));
        Refused("the name 'tiny'", serving =>
        {
            serving.ModelPath = _file.Path;
            serving.MoreModels.Add(new(_file.Path));
        });
        Refused("RecordPath", serving =>
        {
            serving.ModelPath = _file.Path;
            serving.MoreModels.Add(new(_file.Path, "other"));
            serving.RecordPath = _file.JournalPath;
        });
        Refused("takes", serving =>
        {
            serving.ModelPath = _file.Path;
            serving.MemoryBytesMax = 1000;
        });
    }

    [Fact]
    public async Task TheKey_OpensLoadAndUnload()
    {
        await using var server = await StartAsync(serving => serving.ModelPath = _file.Path, options => options.Serving.Http.ApiKeys.Add("sesame-open"));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(server, "/models/unload", "tiny"));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(server, "/models/load", "tiny"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Http.GetAsync("/models")).StatusCode);
    }

    [Fact]
    public async Task InProcess_TheChatClientTalksToTheFirstModel()
    {
        await using var server = await StartAsync(serving =>
        {
            serving.ModelPath = _file.Path;
            serving.MoreModels.Add(new(_file.Path, "other"));
        });
        var answer = await server.Server.Services.GetRequiredService<IChatClient>().GetResponseAsync("the note", new() { MaxOutputTokens = 5, Temperature = 0 });
        Assert.Equal("tiny", answer.ModelId);
    }

    private async Task<Running> StartAsync(Action<ServingOptions> configure, Action<ServerOptions>? more = null)
    {
        var options = new ServerOptions { Port = 0 };
        options.Serving.Threads = 1;
        options.Serving.Scheduler.KvBlocks = 64;
        configure(options.Serving);
        more?.Invoke(options);
        var server = RubatoServer.Build(options);
        await server.StartAsync();
        return new Running(server, new HttpClient { BaseAddress = new Uri(server.Urls.Single()), Timeout = Wait.Limit });
    }

    private void Copy(string name)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(_file.Path, path);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> CompleteAsync(Running server, string model, int tokens = 8)
    {
        using var response = await server.Http.PostAsJsonAsync("/v1/completions", new { model, prompt = "the note", max_tokens = tokens, temperature = 0, ignore_eos = true });
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private static async Task<HttpStatusCode> PostAsync(Running server, string path, string model)
    {
        using var response = await server.Http.PostAsJsonAsync(path, new { model });
        return response.StatusCode;
    }

    private static async Task<(string Name, string Status)[]> StatusesAsync(Running server)
    {
        var list = await server.Http.GetFromJsonAsync<JsonElement>("/v1/models");
        return [.. list.GetProperty("data").EnumerateArray().Select(model => (model.GetProperty("id").GetString()!, model.GetProperty("status").GetProperty("value").GetString()!))];
    }

    private static async Task<string> ErrorOfAsync(Running server, string name)
    {
        var list = await server.Http.GetFromJsonAsync<JsonElement>("/models");
        return list.GetProperty("data").EnumerateArray().Single(model => model.GetProperty("id").GetString() == name).GetProperty("status").GetProperty("error").GetString()!;
    }

    private static string TextOf(JsonElement completion) => completion.GetProperty("choices")[0].GetProperty("text").GetString()!;

    private sealed record Running(RubatoServer Server, HttpClient Http) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Server.DisposeAsync();
        }
    }
}
