using System.ComponentModel;
using System.Text;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using Rubato.Core;
using Rubato.Hosting.Tests.Testing;
using ChatFinishReason = Microsoft.Extensions.AI.ChatFinishReason;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Rubato.Hosting.Tests.Clients;

/// <summary>Functions of this program, called by a model: through Microsoft.Extensions.AI, and by the official OpenAI package.</summary>
public sealed class FunctionCallingTests
{
    private enum Mood
    {
        Calm,
        Wild,
    }

    [Fact]
    public async Task FunctionInvokingChatClient_RunsTheFunctionThatTheModelCalls()
    {
        await using var server = await TinyModelServer.StartAsync();
        var called = new List<(Mood, bool)>();
        var function = AIFunctionFactory.Create(
            ([Description("how it feels")] Mood mood, bool isLoud) =>
            {
                called.Add((mood, isLoud));
                return $"played {mood}";
            },
            "play",
            "Plays a tune.");
        using var client = new FunctionInvokingChatClient(server.InProcess);
        var response = await client.GetResponseAsync("play something", new ChatOptions
        {
            Tools = [function],
            ToolMode = ChatToolMode.RequireSpecific("play"),
            MaxOutputTokens = 200,
            Temperature = 1,
            Seed = 5,
        });
        var (mood, _) = Assert.Single(called);
        var contents = response.Messages.SelectMany(message => message.Contents).ToArray();
        var call = Assert.Single(contents.OfType<FunctionCallContent>());
        Assert.Equal("play", call.Name);
        var result = Assert.Single(contents.OfType<FunctionResultContent>());
        Assert.Equal(call.CallId, result.CallId);
        Assert.Equal($"played {mood}", result.Result?.ToString());

        // After the result, the model may say what it likes, and does.
        Assert.NotEqual("", response.Text);
    }

    [Fact]
    public async Task StreamedCalls_ComeWholeInProcess()
    {
        await using var server = await TinyModelServer.StartAsync();
        var updates = new List<ChatResponseUpdate>();
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create((Mood mood) => mood, "play"), AIFunctionFactory.Create(() => 1, "stop").AsDeclarationOnly()],
            ToolMode = ChatToolMode.RequireAny,
            AllowMultipleToolCalls = false,
            Seed = 1,
            MaxOutputTokens = 200,
        };
        await foreach (var update in server.InProcess.GetStreamingResponseAsync("x", options))
        {
            updates.Add(update);
        }

        Assert.Single(updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>());
        Assert.Equal(ChatFinishReason.ToolCalls, updates[^1].FinishReason);
        Assert.True(updates.ToChatResponse().Usage!.OutputTokenCount > 5);
    }

    [Fact]
    public async Task InProcess_RefusalsAreClear()
    {
        await using var engine = new TestEngine();
        using var client = new Hosting.Chat.RubatoChatClient(engine.Engine);
        var function = AIFunctionFactory.Create(() => 1, "one");
        await Assert.ThrowsAsync<InvalidOptionException>(() => client.GetResponseAsync("x", new ChatOptions { ToolMode = ChatToolMode.RequireAny }));
        await Assert.ThrowsAsync<InvalidOptionException>(() => client.GetResponseAsync("x", new ChatOptions { Tools = [function, function] }));
        await Assert.ThrowsAsync<InvalidOptionException>(() =>
            client.GetResponseAsync("x", new ChatOptions { Tools = [function], ToolMode = ChatToolMode.RequireSpecific("two") }));
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync("x", new ChatOptions { Tools = [new HostedWebSearchTool()] }));
        var image = new ChatMessage(ChatRole.Tool, [new DataContent(new byte[] { 1 }, "image/png")]);
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(image));
    }

    [Fact]
    public async Task OpenAiPackage_ReceivesStreamedCalls_AndSendsResultsBack()
    {
        await using var server = await TinyModelServer.StartAsync();
        var options = new ChatCompletionOptions
        {
            Tools = { ChatTool.CreateFunctionTool("play", "Plays.", BinaryData.FromString("""{"type":"object","properties":{"mood":{"enum":["calm","wild"]}},"required":["mood"]}""")) },
            ToolChoice = ChatToolChoice.CreateRequiredChoice(),
            AllowParallelToolCalls = false,
            MaxOutputTokenCount = 200,
        };
        var (name, id, arguments) = ("", "", new StringBuilder());
        OpenAI.Chat.ChatFinishReason? reason = null;
        await foreach (var update in server.OpenAi.CompleteChatStreamingAsync([new UserChatMessage("hello")], options))
        {
            foreach (var call in update.ToolCallUpdates)
            {
                name += call.FunctionName;
                id += call.ToolCallId;
                arguments.Append(call.FunctionArgumentsUpdate);
            }

            reason = update.FinishReason ?? reason;
        }

        Assert.Equal(("play", OpenAI.Chat.ChatFinishReason.ToolCalls), (name, reason));
        Assert.Contains(System.Text.Json.JsonDocument.Parse(arguments.ToString()).RootElement.GetProperty("mood").GetString(), new[] { "calm", "wild" });

        options.ToolChoice = ChatToolChoice.CreateNoneChoice();
        options.MaxOutputTokenCount = 5;
        var asked = new AssistantChatMessage([ChatToolCall.CreateFunctionToolCall(id, name, BinaryData.FromString(arguments.ToString()))]);
        ChatCompletion answer = await server.OpenAi.CompleteChatAsync([new UserChatMessage("hello"), asked, new ToolChatMessage(id, "played")], options);
        Assert.Equal(5, answer.Usage.OutputTokenCount);
    }
}
