using System.Collections.Immutable;
using Rubato.Models.Chat;

namespace Rubato.Hosting.Output;

/// <summary>What a client wants of the form of an answer.</summary>
internal sealed record OutputRequest
{
    public static OutputRequest Text { get; } = new();

    /// <summary>The functions that the model may call, those hidden by the choice left out.</summary>
    public ImmutableArray<ChatTool> Tools { get; init; } = [];

    /// <summary>Where the request has the parameters of each tool, for messages.</summary>
    public ImmutableArray<string> ToolPaths { get; init; } = [];

    /// <summary>Tools whose schema need not be enforced where it is not supported.</summary>
    public ImmutableArray<string> LooseTools { get; init; } = [];

    public ToolChoice Choice { get; init; } = ToolChoice.Auto;

    /// <summary>The one function that must be called; null for any.</summary>
    public string? FunctionName { get; init; }

    public bool AllowsSeveralCalls { get; init; } = true;

    /// <summary>What the answer must be when it calls nothing; null for any text.</summary>
    public OutputFormat? Format { get; init; }
}
