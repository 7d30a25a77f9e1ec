using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI;
using OpenAI.Chat;
using Rubato.Hosting.Tests.OpenAi;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Clients;

/// <summary>The official OpenAI package against the server.</summary>
public sealed class OpenAiClientTests
{
    internal static ChatClient ClientOf(TestServer server, string key = "any key will do")
    {
        var options = new OpenAIClientOptions
        {
            Endpoint = new Uri(server.BaseAddress, "/v1"),
            Transport = new HttpClientPipelineTransport(server.Client),
        };
        return new OpenAIClient(new ApiKeyCredential(key), options).GetChatClient(TestEngine.ModelName);
    }

    [Fact]
    public async Task StreamsAChat()
    {
        await using var server = await TestServer.StartAsync();
        var text = "";
        ChatTokenUsage? usage = null;
        ChatFinishReason? reason = null;
        var options = new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 40 };
        await foreach (var update in ClientOf(server).CompleteChatStreamingAsync([new UserChatMessage("hello")], options))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage = update.Usage ?? usage;
            reason = update.FinishReason ?? reason;
        }

        var prompt = ChatCompletionTests.Prompt("hello");
        Assert.Equal(TestEngine.ExpectedText(prompt, 40), text);
        Assert.Equal((prompt.Length, 40), (usage!.InputTokenCount, usage.OutputTokenCount));
        Assert.Equal(ChatFinishReason.Length, reason);
    }

    [Fact]
    public async Task GetsAWholeChat_WithLogProbabilities()
    {
        await using var server = await TestServer.StartAsync();
        var options = new ChatCompletionOptions
        {
            Temperature = 0, MaxOutputTokenCount = 12, IncludeLogProbabilities = true, TopLogProbabilityCount = 3,
        };
        ChatCompletion completion = await ClientOf(server).CompleteChatAsync([new SystemChatMessage("be brief"), new UserChatMessage("hello")], options);
        Assert.Equal(12, completion.ContentTokenLogProbabilities.Count);
        Assert.All(completion.ContentTokenLogProbabilities, token => Assert.Equal(3, token.TopLogProbabilities.Count));
        Assert.Equal(12, completion.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task FailureMidway_Raises()
    {
        await using var server = await TestServer.StartAsync(FailsAfter(5));
        var updates = 0;
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            var options = new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 40 };
            await foreach (var _ in ClientOf(server).CompleteChatStreamingAsync([new UserChatMessage("hello")], options))
            {
                updates++;
            }
        });
        Assert.True(updates > 0);
    }

    [Fact]
    public async Task SlowPrefill_DoesNotTimeOut()
    {
        var time = new FakeTimeProvider();
        var gate = new StepGate();
        await using var server = await TestServer.StartAsync(
            new() { Time = time, Gate = gate },
            options => options.Serving.Http.Limits.ReaderStallSeconds = 3600); // The jump of the clock must not count as a stalled reader.
        var options = new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 10 };
        var reading = Task.Run(async () =>
        {
            var text = "";
            await foreach (var update in ClientOf(server).CompleteChatStreamingAsync([new UserChatMessage("hello")], options))
            {
                text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            }

            return text;
        });
        gate.WaitForStep();
        time.Advance(TimeSpan.FromSeconds(300));
        gate.Open();
        Assert.Equal(TestEngine.ExpectedText(ChatCompletionTests.Prompt("hello"), 10), await Wait.AtMost(reading));
    }

    [Fact]
    public async Task FullQueue_MakesTheClientWaitAndTryAgain()
    {
        var gate = new StepGate();
        var attempts = 0;
        await using var server = await TestServer.StartAsync(new() { Gate = gate, Scheduler = new() { RunningMax = 1, WaitingMax = 0, TokenBudgetPerStep = 64 } });
        server.Engine.Scheduler.Admitting = _ => Interlocked.Increment(ref attempts);
        var first = ClientOf(server).CompleteChatAsync([new UserChatMessage("one")], new ChatCompletionOptions { MaxOutputTokenCount = 3000 });
        gate.WaitForStep();
        var options = new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 3 };
        var second = ClientOf(server).CompleteChatAsync([new UserChatMessage("two")], options);

        // The engine sees the second request between two steps of the first.
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (Volatile.Read(ref attempts) < 2 && await pace.WaitForNextTickAsync())
        {
            gate.Release();
            gate.WaitForStep();
        }

        gate.Open();
        await Wait.AtMost(first);
        ChatCompletion answer = await Wait.AtMost(second);
        Assert.Equal(TestEngine.ExpectedText(ChatCompletionTests.Prompt("two"), 3), answer.Content[0].Text);
    }

    [Fact]
    public async Task RefusalsAreExceptionsWithTheirStatus()
    {
        await using var server = await TestServer.StartAsync(null, options => options.Serving.Http.ApiKeys.Add("sesame-open"));
        var wrong = await Assert.ThrowsAsync<ClientResultException>(() => ClientOf(server, "wrong").CompleteChatAsync("hi"));
        Assert.Equal(401, wrong.Status);
        var tooMuch = await Assert.ThrowsAsync<ClientResultException>(() =>
            ClientOf(server, "sesame-open").CompleteChatAsync([new UserChatMessage("hi")], new ChatCompletionOptions { MaxOutputTokenCount = 1_000_000 }));
        Assert.Equal(400, tooMuch.Status);
        Assert.Contains("context_length_exceeded", tooMuch.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListsModels()
    {
        await using var server = await TestServer.StartAsync();
        var options = new OpenAIClientOptions { Endpoint = new Uri(server.BaseAddress, "/v1") };
        var models = new OpenAIClient(new ApiKeyCredential("key"), options).GetOpenAIModelClient();
        Assert.Equal([TestEngine.ModelName], (await models.GetModelsAsync()).Value.Select(model => model.Id));
    }

    internal static TestEngineOptions FailsAfter(int stepsMax)
    {
        var steps = 0;
        return new TestEngineOptions
        {
            BeforeStep = _ =>
            {
                if (++steps > stepsMax)
                {
                    throw new InvalidOperationException("a kernel failed");
                }
            },
        };
    }
}
