using System.Collections.Immutable;

namespace Rubato.Models.Chat;

/// <summary>A rendered conversation, cut at the control tokens that the chat template wrote.</summary>
public sealed class ChatPrompt
{
    internal ChatPrompt(ImmutableArray<ChatPromptPart> parts)
    {
        Parts = parts;
        Text = string.Concat(parts.Select(part => part.Text));
    }

    /// <summary>The prompt as text, control tokens spelled out.</summary>
    public string Text { get; }

    /// <summary>The control tokens of the prompt in order.</summary>
    public IEnumerable<int> ControlTokens => Parts.Where(part => part.ControlToken is not null).Select(part => part.ControlToken!.Value);

    internal ImmutableArray<ChatPromptPart> Parts { get; }
}

/// <summary>Plain text, or a control token and its spelling.</summary>
internal readonly record struct ChatPromptPart(string Text, int? ControlToken);
