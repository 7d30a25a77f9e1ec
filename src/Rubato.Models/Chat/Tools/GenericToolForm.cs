using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rubato.Models.Chat.Tools;

/// <summary>
/// Functions for models whose template knows none: they are described in a system message, calls are written as
/// <see cref="ToolCallSyntax.Hermes"/> has them, and results come back in user messages.
/// </summary>
public static class GenericToolForm
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The conversation in messages of the roles system, user and assistant, without calls.</summary>
    public static ImmutableArray<ChatMessage> Write(ChatConversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var messages = ImmutableArray.CreateBuilder<ChatMessage>();
        foreach (var message in conversation.Messages)
        {
            if (message.Role == "tool")
            {
                AddResult(messages, message.Content);
            }
            else
            {
                messages.Add(new(message.Role, message.Content + string.Concat(message.ToolCalls.Select(CallText))));
            }
        }

        if (!conversation.Tools.IsEmpty)
        {
            var description = Describe(conversation.Tools);
            if (messages is [{ Role: "system" } system, ..])
            {
                messages[0] = new("system", system.Content + "\n\n" + description);
            }
            else
            {
                messages.Insert(0, new("system", description));
            }
        }

        return messages.DrainToImmutable();
    }

    private static string Describe(ImmutableArray<ChatTool> tools)
    {
        var text = new StringBuilder("You can call these functions:\n");
        foreach (var tool in tools)
        {
            var parameters = tool.Parameters?.GetRawText() ?? "{}";
            text.Append($"{{\"name\": {Quote(tool.Name)}, \"description\": {Quote(tool.Description ?? "")}, \"parameters\": {parameters}}}\n");
        }

        return text.Append("To call one, write:\n<tool_call>\n{\"name\": NAME, \"arguments\": ARGUMENTS}\n</tool_call>").ToString();
    }

    private static string CallText(ChatToolCall call) =>
        $"\n<tool_call>\n{{\"name\": {Quote(call.Name)}, \"arguments\": {call.Arguments.GetRawText()}}}\n</tool_call>";

    /// <summary>Results of one turn stand in one message: most templates want user and assistant to take turns.</summary>
    private static void AddResult(ImmutableArray<ChatMessage>.Builder messages, string content)
    {
        var result = $"<tool_response>\n{content}\n</tool_response>";
        if (messages.Count > 0 && messages[^1] is { Role: "user" } last && last.Content.EndsWith("</tool_response>", StringComparison.Ordinal))
        {
            messages[^1] = new("user", last.Content + "\n" + result);
        }
        else
        {
            messages.Add(new("user", result));
        }
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text, Relaxed);
}
