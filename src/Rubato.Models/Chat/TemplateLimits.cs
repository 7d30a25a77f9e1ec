namespace Rubato.Models.Chat;

/// <summary>Bounds that keep a template, which comes with a model file from anywhere, from using up the machine.</summary>
internal sealed record TemplateLimits
{
    public static TemplateLimits Default { get; } = new();

    /// <summary>Characters of the source.</summary>
    public int SourceCharacters { get; init; } = 256 * 1024;

    /// <summary>Blocks and expressions inside each other, while parsing and while rendering.</summary>
    public int Depth { get; init; } = 200;

    /// <summary>Nodes evaluated in one rendering.</summary>
    public int Steps { get; init; } = 2_000_000;

    /// <summary>Characters and list elements made in one rendering, intermediate values included.</summary>
    public int Work { get; init; } = 32 * 1024 * 1024;
}
