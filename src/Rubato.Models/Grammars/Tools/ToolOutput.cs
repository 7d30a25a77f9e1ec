using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Models.Chat;
using Rubato.Models.Chat.Tools;

namespace Rubato.Models.Grammars.Tools;

/// <summary>What an output that may call functions may look like.</summary>
public sealed record ToolOutput
{
    /// <summary>The functions; at least one.</summary>
    public required ImmutableArray<ChatTool> Tools { get; init; }

    /// <summary>The model's way to write calls.</summary>
    public required ToolCallSyntax Syntax { get; init; }

    /// <summary>Whether the output must be calls; else it may be text, or text and then calls.</summary>
    public bool IsForced { get; init; }

    /// <summary>Whether there may be several calls.</summary>
    public bool AllowsSeveral { get; init; } = true;

    /// <summary>Functions whose arguments may be any JSON object where their schema is not supported.</summary>
    public ImmutableArray<string> Loose { get; init; } = [];

    /// <summary>What the output must be when it calls nothing; null for any text.</summary>
    public JsonElement? Content { get; init; }

    /// <summary>Whether the content, if it has no schema, must be a JSON object.</summary>
    public bool ContentIsObject { get; init; }
}
