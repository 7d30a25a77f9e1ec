using System.Collections.Immutable;

namespace Rubato.Models.Chat.Tools;

/// <summary>Conversations for models whose turns hold one call at most: several calls of a turn become one after another, each with its result.</summary>
public static class SequentialCalls
{
    /// <summary>The same conversation with one call in a turn.</summary>
    /// <param name="conversation">Results follow the turn that they answer; those of no call stay behind the others.</param>
    public static ChatConversation Write(ChatConversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var messages = conversation.Messages;
        var written = ImmutableArray.CreateBuilder<ChatMessage>();
        for (var i = 0; i < messages.Length;)
        {
            var message = messages[i++];
            if (message.ToolCalls.Length <= 1)
            {
                written.Add(message);
                continue;
            }

            var end = i;
            while (end < messages.Length && messages[end].Role == "tool")
            {
                end++;
            }

            Write(message, messages[i..end], written);
            i = end;
        }

        return new(written.DrainToImmutable(), conversation.Tools);
    }

    private static void Write(ChatMessage message, ImmutableArray<ChatMessage> results, ImmutableArray<ChatMessage>.Builder written)
    {
        foreach (var (i, call) in message.ToolCalls.Index())
        {
            written.Add(message with { Content = i == 0 ? message.Content : "", ToolCalls = [call] });
            written.AddRange(results.Where(result => result.ToolCallId == call.Id));
        }

        var known = message.ToolCalls.Select(call => call.Id).ToHashSet(StringComparer.Ordinal);
        written.AddRange(results.Where(result => result.ToolCallId is null || !known.Contains(result.ToolCallId)));
    }
}
