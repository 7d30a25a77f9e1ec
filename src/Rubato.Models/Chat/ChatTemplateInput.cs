using System.Collections.Immutable;

namespace Rubato.Models.Chat;

/// <summary>What a <see cref="ChatTemplate"/> renders.</summary>
/// <param name="Messages">The conversation, oldest first.</param>
public sealed record ChatTemplateInput(ImmutableArray<ChatMessage> Messages)
{
    /// <summary>The functions that the assistant may call; the template sees none when this is empty.</summary>
    public ImmutableArray<ChatTool> Tools { get; init; } = [];

    /// <summary>Whether the prompt ends with the start of the assistant's turn.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>The spelling of the begin-of-text token; empty when the model has none.</summary>
    public string BeginOfText { get; init; } = "";

    /// <summary>The spelling of the end-of-text token; empty when the model has none.</summary>
    public string EndOfText { get; init; } = "";

    /// <summary>The time that <c>strftime_now</c> prints; null leaves that function undefined.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>Further variables: values are null, bool, long, double or string.</summary>
    public ImmutableDictionary<string, object?> Variables { get; init; } = ImmutableDictionary<string, object?>.Empty;
}
