using System.Collections.Immutable;

namespace Rubato.Models.Chat;

/// <summary>What a prompt is made of: the turns so far, and the functions that the assistant may call.</summary>
/// <param name="Messages">The turns, oldest first.</param>
/// <param name="Tools">The functions; empty for none.</param>
public sealed record ChatConversation(ImmutableArray<ChatMessage> Messages, ImmutableArray<ChatTool> Tools)
{
    /// <summary>Every text of the conversation, those inside JSON values included, changed by a function.</summary>
    internal ChatConversation Map(Func<string, string> change) => new(
        [.. Messages.Select(message => message with
        {
            Content = change(message.Content),
            ToolCallId = message.ToolCallId is { } id ? change(id) : null,
            ToolCalls = [.. message.ToolCalls.Select(call => new ChatToolCall(change(call.Id), change(call.Name), JsonStrings.Map(call.Arguments, change)))],
        })],
        [.. Tools.Select(tool => new ChatTool(
            change(tool.Name),
            tool.Description is { } description ? change(description) : null,
            tool.Parameters is { } parameters ? JsonStrings.Map(parameters, change) : null))]);

    /// <summary>Every text of the conversation.</summary>
    internal List<string> Texts()
    {
        var texts = new List<string>();
        _ = Map(text =>
        {
            texts.Add(text);
            return text;
        });
        return texts;
    }
}
