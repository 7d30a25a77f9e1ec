using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Rubato.Core;
using Rubato.Hosting.Chat;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Tests.OpenAi;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Clients;

/// <summary>Microsoft.Extensions.AI over HTTP and in-process: the same conversation, the same answers, the same failures.</summary>
public sealed class ChatClientTests
{
    private static readonly ChatOptions Greedy = new() { Temperature = 0, MaxOutputTokens = 40 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StreamsAChat(bool overHttp)
    {
        await using var server = await TestServer.StartAsync();
        using var client = Client(server, overHttp);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("hello", Greedy))
        {
            updates.Add(update);
        }

        var response = updates.ToChatResponse();
        var prompt = ChatCompletionTests.Prompt("hello");
        Assert.Equal(TestEngine.ExpectedText(prompt, 40), response.Text);
        Assert.Equal((prompt.Length, 40), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.True(updates.Count > 10);
        Assert.All(response.Messages, message => Assert.Equal(ChatRole.Assistant, message.Role));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FailureMidway_Raises(bool overHttp)
    {
        await using var server = await TestServer.StartAsync(OpenAiClientTests.FailsAfter(5));
        using var client = Client(server, overHttp);
        var updates = 0;
        var error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync("hello", Greedy))
            {
                updates++;
            }
        });
        Assert.True(updates > 0);
        Assert.True(error is IOException or GenerationFailedException, error.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Options_Reach_TheSampler(bool overHttp)
    {
        await using var server = await TestServer.StartAsync();
        using var client = Client(server, overHttp);
        var full = TestEngine.ExpectedText(ChatCompletionTests.Prompt("hello"), 200);
        var stop = full.Substring(30, 6);
        var stopped = await client.GetResponseAsync("hello", new ChatOptions { Temperature = 0, MaxOutputTokens = 200, StopSequences = [stop] });
        Assert.Equal(full[..full.IndexOf(stop, StringComparison.Ordinal)], stopped.Text);
        Assert.Equal(ChatFinishReason.Stop, stopped.FinishReason);

        var seeded = new ChatOptions { Seed = 99, MaxOutputTokens = 20 };
        Assert.Equal((await client.GetResponseAsync("hello", seeded)).Text, (await client.GetResponseAsync("hello", seeded)).Text);
        var sampling = new Serving.SamplingParameters { Seed = 99 };
        var expected = FakeExecutor.Expect(ChatCompletionTests.Prompt("hello"), 20, sampling);
        Assert.Equal(new FakeTokenizer().Decode(expected), (await client.GetResponseAsync("hello", seeded)).Text);
    }

    [Fact]
    public async Task Cancelling_CancelsTheRequest()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = new TestEngine(new() { Scheduler = new() { KvBlocks = 8192, ContextTokens = 100_000 } });
        engine.Scheduler.Cancelled = _ => cancelled.TrySetResult();
        using var client = new RubatoChatClient(engine.Engine);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 90_000 };
            await foreach (var _ in client.GetStreamingResponseAsync("hello", options, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });
        await Wait.AtMost(cancelled.Task);
    }

    [Fact]
    public async Task WhatIsNotImplemented_IsRefused_NeverIgnored()
    {
        await using var engine = new TestEngine();
        using var client = new RubatoChatClient(engine.Engine);
        Task Ask(ChatOptions options) => client.GetResponseAsync("hello", options);
        await Assert.ThrowsAsync<NotSupportedException>(() => Ask(new() { Tools = [new HostedWebSearchTool()] }));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(new() { FrequencyPenalty = 2.5f }));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(new() { PresencePenalty = float.NaN }));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(With("min_p", 2)));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(With("typical_p", double.NaN)));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(With("repetition_penalty", "strong")));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(With("logit_bias", 3)));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(With("logit_bias", new Dictionary<int, int> { [1_000_000] = 1 })));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(new() { Temperature = float.NaN }));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(new() { MaxOutputTokens = 0 }));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(new() { MaxOutputTokens = 1_000_000 }));
        await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(new() { ModelId = "another" }));
        var image = new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]);
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(image));
    }

    [Fact]
    public async Task SamplingOptions_AllReachTheScheduler()
    {
        var plans = new List<Serving.StepPlan>();
        await using var engine = new TestEngine(new() { BeforeStep = plans.Add });
        using var client = new RubatoChatClient(engine.Engine);
        var options = With("min_p", 0.25f);
        options.AdditionalProperties!["typical_p"] = 0.5;
        options.AdditionalProperties["repetition_penalty"] = 2;
        options.AdditionalProperties["logit_bias"] = new Dictionary<int, double> { [7] = 1.5, [5] = -100 };
        (options.PresencePenalty, options.FrequencyPenalty, options.TopK, options.MaxOutputTokens) = (0.5f, -0.25f, 3, 1);
        _ = await client.GetResponseAsync("hello", options);
        var sampling = plans[0].Slices[0].Sampling;
        Assert.Equal([new(5, -100), new(7, 1.5)], sampling.LogitBias);
        var expected = new Serving.SamplingParameters
        {
            MinP = 0.25,
            TypicalP = 0.5,
            RepetitionPenalty = 2,
            PresencePenalty = 0.5,
            FrequencyPenalty = -0.25,
            TopK = 3,
            Seed = sampling.Seed,
            LogitBias = sampling.LogitBias,
        };
        Assert.Equal(expected, sampling);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CachedTokens_AreInTheUsage(bool overHttp)
    {
        await using var server = await TestServer.StartAsync();
        using var client = Client(server, overHttp);
        var question = new string('q', 80);
        var first = await client.GetResponseAsync(question, Greedy);
        var second = await client.GetResponseAsync(question, Greedy);
        Assert.Equal(0, first.Usage!.CachedInputTokenCount);
        Assert.Equal((ChatCompletionTests.Prompt(question).Length - 1) / 16 * 16, second.Usage!.CachedInputTokenCount);
        Assert.Equal(first.Text, second.Text);
    }

    private static ChatOptions With(string name, object value) => new() { AdditionalProperties = new() { [name] = value } };

    [Fact]
    public async Task Metadata_NamesTheModel()
    {
        await using var engine = new TestEngine();
        using var client = new RubatoChatClient(engine.Engine);
        Assert.Equal(TestEngine.ModelName, client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Same(client, client.GetService<RubatoChatClient>());
    }

    private static IChatClient Client(TestServer server, bool overHttp) =>
        overHttp ? OpenAiClientTests.ClientOf(server).AsIChatClient() : server.Server.Services.GetRequiredService<IChatClient>();
}
