using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Rubato.Models.Chat;
using AiMessage = Microsoft.Extensions.AI.ChatMessage;
using ModelMessage = Rubato.Models.Chat.ChatMessage;

namespace Rubato.Hosting.Chat;

/// <summary>Conversations of Microsoft.Extensions.AI in the form that chat templates take.</summary>
internal static class ChatMessages
{
    /// <exception cref="NotSupportedException">A message holds something other than text, calls and results, or a role that no template knows.</exception>
    public static ImmutableArray<ModelMessage> Convert(IEnumerable<AiMessage> messages, string? instructions)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var converted = ImmutableArray.CreateBuilder<ModelMessage>();
        if (!string.IsNullOrEmpty(instructions))
        {
            converted.Add(new ModelMessage("system", instructions));
        }

        converted.AddRange(messages.SelectMany(Convert));
        return converted.Count > 0 ? converted.DrainToImmutable() : throw new ArgumentException("The conversation is empty.", nameof(messages));
    }

    private static IEnumerable<ModelMessage> Convert(AiMessage message)
    {
        if (message.Contents.FirstOrDefault(content => content is not (TextContent or UsageContent or FunctionCallContent or FunctionResultContent)) is { } other)
        {
            throw new NotSupportedException($"This model takes text only; a message holds {other.GetType().Name}.");
        }

        var role = message.Role.Value;
        if (role == "tool")
        {
            return message.Contents.OfType<FunctionResultContent>().Select(result => new ModelMessage("tool", ResultText(result)) { ToolCallId = result.CallId });
        }

        return role is "system" or "user" or "assistant"
            ? [new ModelMessage(role, message.Text) { ToolCalls = [.. message.Contents.OfType<FunctionCallContent>().Select(Convert)] }]
            : throw new NotSupportedException($"This model knows the roles system, user, assistant and tool; a message has the role {role}.");
    }

    private static ChatToolCall Convert(FunctionCallContent call) => new(
        call.CallId, call.Name, JsonSerializer.SerializeToElement(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions));

    private static string ResultText(FunctionResultContent result) => result.Result switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        var value => JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions),
    };
}
