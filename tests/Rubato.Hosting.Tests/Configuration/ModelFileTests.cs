using System.Text.Json;
using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Tests.Testing;
using Rubato.Hosting.Transfers;
using Rubato.Inference.Generation;
using Rubato.Inference.Models;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Threading;
using Rubato.Models.Tokenizers;
using Rubato.Serving.Journal;
using Rubato.Serving.Switching;
using Rubato.Simulation.Serving;

namespace Rubato.Hosting.Tests.Configuration;

/// <summary>The whole way from a GGUF file to HTTP, with the real executor.</summary>
public sealed class ModelFileTests
{
    [Theory]
    [InlineData("none", "fcfs", SwitchTiming.Adaptive)]
    [InlineData("ram:4MiB", "round-robin", SwitchTiming.Adaptive)]
    [InlineData("ram:4MiB", "round-robin", SwitchTiming.Synchronous)]
    [InlineData("file:{0}:4MiB", "round-robin", SwitchTiming.Asynchronous)]
    [InlineData("file:{0}:4MiB", "trace", SwitchTiming.Adaptive)]
    public async Task SixtyFourStreamsOfARealModel_EachEqualsItsSingleText_AndTheRunReplays(string swap, string policy, SwitchTiming timing)
    {
        using var file = new TinyModelFile();
        var options = Options(file);
        options.Serving.RecordPath = file.JournalPath;
        options.Serving.Scheduler.KvBlocks = 32;
        options.Serving.Swap = SwapTierOptions.Parse(string.Format(System.Globalization.CultureInfo.InvariantCulture, swap, file.Path + ".swap"));
        options.Serving.VerifiesSwap = true;
        options.Serving.Scheduler.Policy = policy;
        options.Serving.Scheduler.Fairness = new() { QuantumTokens = 4, UpdateEveryIterations = 3 };
        options.Serving.Scheduler.Switching = new() { Timing = timing, QuantumTokens = 1 };
        await using (var server = RubatoServer.Build(options))
        {
            await server.StartAsync();
            using var http = new HttpClient { BaseAddress = new Uri(server.Urls.Single()), Timeout = Wait.Limit };
            var texts = await Wait.AtMost(Task.WhenAll(Enumerable.Range(0, 64).Select(i => StreamAsync(http, $"the note {i}"))));
            using var model = DecoderModel.Open(file.Path);
            using var gang = new WorkerGang(1);
            var generator = new TextGenerator(model, Tokenizer.From(TokenizerVocabulary.FromGguf(model.File.Metadata)), gang);
            for (var i = 0; i < texts.Length; i++)
            {
                var single = string.Concat(generator.Generate($"the note {i}", new GenerationOptions { OutputTokensMax = 24 }).Select(token => token.Text));
                Assert.Equal(single, texts[i]);
            }

            await server.StopAsync();
        }

        using var journal = File.OpenRead(file.JournalPath);
        var replay = SchedulerReplay.Run(new JournalReader(journal));
        Assert.True(replay.Identical, replay.FirstDifference);
        Assert.True(replay.Plans > 24);
        Assert.False(File.Exists(file.Path + ".swap"));
        var moved = File.ReadLines(file.JournalPath).Count(line => line.Contains("\"transferEnded\"", StringComparison.Ordinal));
        Assert.True(swap == "none" ? moved == 0 : moved > 20, $"{moved} transfers");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.JournalPath));
        }
    }

    [Fact]
    public async Task AServerThatCannotStart_LeavesAnOlderRecordingAlone()
    {
        using var file = new TinyModelFile();
        File.WriteAllText(file.JournalPath, "older");
        var files = Directory.GetFiles(Path.GetDirectoryName(file.JournalPath)!).Order().ToArray();
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var options = Options(file);
        options.Port = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        options.Serving.RecordPath = file.JournalPath;
        await using (var server = RubatoServer.Build(options))
        {
            var error = await Assert.ThrowsAsync<RubatoException>(() => server.StartAsync());
            Assert.Contains("cannot listen", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal("older", File.ReadAllText(file.JournalPath));
        Assert.Equal(files, Directory.GetFiles(Path.GetDirectoryName(file.JournalPath)!).Order());
    }

    [Fact]
    public async Task ChatUsesTheTemplateOfTheFile()
    {
        using var file = new TinyModelFile();
        await using var server = RubatoServer.Build(Options(file));
        await server.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
        const string Body = """{"model":"tiny","messages":[{"role":"user","content":"the beat"}],"max_tokens":2,"temperature":0,"logprobs":true,"top_logprobs":2}""";
        using var response = await http.PostAsync("/v1/chat/completions", TestServer.Json(Body));
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        var tokenizer = server.Engine.Model.Tokenizer;
        var prompt = tokenizer.Encode("<|im_start|>user\nthe beat<|im_end|>\n<|im_start|>assistant\n", addSpecial: false, parseSpecial: true);
        Assert.Equal(prompt.Length, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.All(
            body.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content").EnumerateArray(),
            token => Assert.True(token.GetProperty("logprob").GetDouble() < 0));
    }

    [Theory]
    [InlineData(null, "no chat template")]
    [InlineData("{{ raise_exception('roles must alternate') }}", "roles must alternate")]
    [InlineData("{% nonsense %}", "template")]
    public async Task WithoutAUsableTemplate_ChatIsRefused_AndCompletionsWork(string? template, string message)
    {
        using var file = new TinyModelFile(template);
        await using var server = RubatoServer.Build(Options(file));
        await server.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
        using var chat = await http.PostAsync("/v1/chat/completions", TestServer.Json("""{"model":"tiny","messages":[{"role":"user","content":"x"}]}"""));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, chat.StatusCode);
        Assert.Contains(message, (await OpenAiErrors.ReadAsync(chat)).GetProperty("message").GetString(), StringComparison.OrdinalIgnoreCase);
        using var completion = await http.PostAsync("/v1/completions", TestServer.Json("""{"model":"tiny","prompt":"x","max_tokens":2}"""));
        Assert.True(completion.IsSuccessStatusCode);
    }

    [Fact]
    public void SmallerKeysAndValues_GiveMoreBlocks_WithinTheMemoryThatIsGiven()
    {
        using var file = new TinyModelFile();
        var blocks = Enum.GetValues<KvFormat>().Select(format =>
        {
            var options = Options(file);
            options.Serving.KvMemoryBytes = 1 << 20;
            options.Serving.Scheduler.BlockTokens = 128;
            options.Serving.KeyValues = format;
            using var model = ModelLoader.Load(options.Serving);
            Assert.InRange(model.KvBytes, (1 << 20) * 9 / 10, 1 << 20);
            return model.SchedulerOptions.KvBlocks;
        }).ToArray();
        Assert.InRange(blocks[1], (2 * blocks[0]) - 1, (2 * blocks[0]) + 1);

        // Heads this short are filled up to a block of bytes.
        Assert.True(blocks[2] > blocks[0], $"{blocks[2]} blocks of bytes, {blocks[0]} of floats");
    }

    [Fact]
    public void DamagedFile_AndUnwritableJournal_AreOneClearLine()
    {
        using var file = new TinyModelFile();
        var options = Options(file);
        options.Serving.RecordPath = "/no/such/folder/run.jsonl";
        Assert.Contains("/no/such/folder/run.jsonl", Assert.ThrowsAny<RubatoException>(() => RubatoServer.Build(options)).Message, StringComparison.Ordinal);
        options.Serving.RecordPath = file.Path;
        var length = new FileInfo(file.Path).Length;
        Assert.Contains("overwrite the model", Assert.ThrowsAny<RubatoException>(() => RubatoServer.Build(options)).Message, StringComparison.Ordinal);
        Assert.Equal(length, new FileInfo(file.Path).Length);
        File.WriteAllBytes(file.Path, File.ReadAllBytes(file.Path)[..1000]);
        var error = Assert.ThrowsAny<RubatoException>(() => RubatoServer.Build(Options(file)));
        Assert.Contains("tiny.gguf", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static ServerOptions Options(TinyModelFile file)
    {
        var options = new ServerOptions { Port = 0 };
        options.Serving.ModelPath = file.Path;
        options.Serving.Threads = 1;
        return options;
    }

    private static async Task<string> StreamAsync(HttpClient http, string prompt)
    {
        var body = $$"""{"model":"tiny","prompt":"{{prompt}}","temperature":0,"max_tokens":24,"stream":true}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = TestServer.Json(body) };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var sse = await Sse.OpenAsync(response);
        return string.Concat((await sse.ChunksAsync()).Select(chunk => chunk.GetProperty("choices")[0].GetProperty("text").GetString()));
    }
}
