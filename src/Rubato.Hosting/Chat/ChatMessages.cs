using System.Collections.Immutable;
using Microsoft.Extensions.AI;
using AiMessage = Microsoft.Extensions.AI.ChatMessage;
using ModelMessage = Rubato.Models.Chat.ChatMessage;

namespace Rubato.Hosting.Chat;

/// <summary>Conversations of Microsoft.Extensions.AI in the form that chat templates take.</summary>
internal static class ChatMessages
{
    /// <exception cref="NotSupportedException">A message holds something other than text, or a role that no template knows.</exception>
    public static ImmutableArray<ModelMessage> Convert(IEnumerable<AiMessage> messages, string? instructions)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var converted = ImmutableArray.CreateBuilder<ModelMessage>();
        if (!string.IsNullOrEmpty(instructions))
        {
            converted.Add(new ModelMessage("system", instructions));
        }

        converted.AddRange(messages.Select(Convert));
        return converted.Count > 0 ? converted.DrainToImmutable() : throw new ArgumentException("The conversation is empty.", nameof(messages));
    }

    private static ModelMessage Convert(AiMessage message)
    {
        if (message.Contents.FirstOrDefault(content => content is not (TextContent or UsageContent)) is { } other)
        {
            throw new NotSupportedException($"This model takes text only; a message holds {other.GetType().Name}.");
        }

        var role = message.Role.Value;
        return role is "system" or "user" or "assistant"
            ? new ModelMessage(role, message.Text)
            : throw new NotSupportedException($"This model knows the roles system, user and assistant; a message has the role {role}.");
    }
}
