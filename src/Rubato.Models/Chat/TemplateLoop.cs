namespace Rubato.Models.Chat;

/// <summary>What <c>loop</c> is inside a loop.</summary>
internal sealed class TemplateLoop(List<object?> items)
{
    private List<object?>? _lastChanged;

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
        "depth" => 1L,
        "depth0" => 0L,
        "cycle" => new TemplateCallable(name, call => call.Positional.Count > 0
            ? call.Positional[Index % call.Positional.Count]
            : throw call.Run.Error("cycle needs something to go through.")),
        "changed" => new TemplateCallable(name, Changed),
        "length" => (long)items.Count,
        "previtem" => Index > 0 ? items[Index - 1] : new TemplateUndefined("loop.previtem"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new TemplateUndefined("loop.nextitem"),
        _ => new TemplateUndefined($"loop.{name}"),
    };

    /// <summary>Whether the arguments differ from those of the call before.</summary>
    private object? Changed(TemplateCall call)
    {
        List<object?> now = [.. call.Positional];
        var isSame = _lastChanged is not null && TemplateValues.AreEqual(_lastChanged, now, call.Run);
        _lastChanged = now;
        return !isSame;
    }
}
