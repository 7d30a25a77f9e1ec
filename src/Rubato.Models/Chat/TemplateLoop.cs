namespace Rubato.Models.Chat;

/// <summary>What <c>loop</c> is inside a loop.</summary>
internal sealed class TemplateLoop(List<object?> items)
{
    /// <summary>The index of the present item, from 0.</summary>
    public int Index { get; set; }

    public object? Attribute(string name) => name switch
    {
        "index" => Index + 1L,
        "index0" => (long)Index,
        "revindex" => (long)items.Count - Index,
        "revindex0" => items.Count - Index - 1L,
        "first" => Index == 0,
        "last" => Index == items.Count - 1,
        "length" => (long)items.Count,
        "previtem" => Index > 0 ? items[Index - 1] : new TemplateUndefined("loop.previtem"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new TemplateUndefined("loop.nextitem"),
        _ => new TemplateUndefined($"loop.{name}"),
    };
}
