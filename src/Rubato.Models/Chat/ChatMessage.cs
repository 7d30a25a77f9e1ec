using System.Collections.Immutable;

namespace Rubato.Models.Chat;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: "system", "user", "assistant" or "tool".</param>
/// <param name="Content">What is said.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>The functions that the assistant called in this turn.</summary>
    public ImmutableArray<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>Of a "tool" message: the call that it answers.</summary>
    public string? ToolCallId { get; init; }
}
