namespace Rubato.Models.Chat;

/// <summary>Evaluated arguments of a call, filter or test, with helpers that give one-line errors.</summary>
internal sealed record TemplateCall(
    TemplateRun Run, string Name, IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    /// <summary>No named arguments.</summary>
    public static IReadOnlyDictionary<string, object?> NoNames { get; } = new Dictionary<string, object?>();

    /// <summary>The argument with the place or the name, or <paramref name="missing"/>.</summary>
    public object? Get(int place, string name, object? missing = null) =>
        place < Positional.Count ? Positional[place] : Named.TryGetValue(name, out var value) ? value : missing;

    public string Text(int place, string name) => Get(place, name) as string ?? throw Run.Error($"{Name} needs a string as \"{name}\".");

    public string? OptionalText(int place, string name) => Get(place, name) switch
    {
        null => null,
        string text => text,
        _ => throw Run.Error($"{Name} needs a string as \"{name}\"."),
    };

    public long Integer(int place, string name, long missing) => Get(place, name, missing) switch
    {
        null => missing,
        long whole => whole,
        bool truth => truth ? 1 : 0,
        _ => throw Run.Error($"{Name} needs an integer as \"{name}\"."),
    };
}
