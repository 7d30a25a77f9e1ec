namespace Rubato.Core;

/// <summary>A named detail of a trace event: a text or a number.</summary>
public readonly record struct TraceArgument
{
    /// <summary>A text.</summary>
    public TraceArgument(string name, string text) => (Name, Text) = (name, text);

    /// <summary>A finite number.</summary>
    public TraceArgument(string name, double number) => (Name, Number) = (name, number);

    /// <summary>What it tells.</summary>
    public string Name { get; }

    /// <summary>The text; null for a number.</summary>
    public string? Text { get; }

    /// <summary>The number; 0 for a text.</summary>
    public double Number { get; }
}
