using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace;

/// <summary>The fields of a JSON object, for errors that name file, field and what is needed. A field that is null counts as missing.</summary>
/// <param name="Source">The file, and the path of the object in it.</param>
/// <param name="Element">The object.</param>
internal sealed record JsonFields(string Source, JsonElement Element)
{
    public bool Has(string name) => Find(name) is not null;

    public JsonElement? Find(string name) =>
        Element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public int GetInt32(string name) => FindInt32(name) ?? throw Missing(name);

    public int? FindInt32(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var whole) => whole,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var real) && real == Math.Floor(real) && Math.Abs(real) <= int.MaxValue => (int)real,
        { } value => throw Wrong(name, value, "a whole number of at most 31 bits"),
    };

    public float GetSingle(string name) => FindSingle(name) ?? throw Missing(name);

    public float? FindSingle(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetSingle(out var number) && float.IsFinite(number) => number,
        { } value => throw Wrong(name, value, "a finite number"),
    };

    public bool? FindBoolean(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw Wrong(name, value, "true or false"),
    };

    public string GetString(string name) => FindString(name) ?? throw Missing(name);

    public string? FindString(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw Wrong(name, value, "a string"),
    };

    public JsonFields GetObject(string name) => FindObject(name) ?? throw Missing(name);

    /// <summary>The object that a property holds which an enumeration has found: no search by name, which takes time in proportion to the whole.</summary>
    public JsonFields ObjectOf(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.Object ? new($"{Source}: {property.Name}", property.Value) : throw Wrong(property.Name, property.Value, "an object");

    public JsonFields? FindObject(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new($"{Source}: {name}", value),
        { } value => throw Wrong(name, value, "an object"),
    };

    public JsonElement.ArrayEnumerator? FindArray(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } value => value.EnumerateArray(),
        { } value => throw Wrong(name, value, "an array"),
    };

    /// <summary>The objects of an array; none when the field is missing.</summary>
    public IEnumerable<JsonFields> Objects(string name)
    {
        foreach (var (i, value) in (FindArray(name) ?? default).Index())
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]");
            yield return value.ValueKind == JsonValueKind.Object
                ? new($"{Source}: {place}", value)
                : throw Wrong(place, value, "an object");
        }
    }

    /// <summary>The numbers of an array, or null when the field is missing.</summary>
    public ImmutableArray<float>? FindSingles(string name)
    {
        if (FindArray(name) is not { } values)
        {
            return null;
        }

        return
        [
            .. values.Select(value => value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number)
                ? number
                : throw Wrong(name, value, "an array of finite numbers")),
        ];
    }

    public InvalidFormatException Missing(string name) => new($"{Source}: {Printable.Quote(name)} is missing.");

    public InvalidFormatException Wrong(string name, JsonElement value, string needed) =>
        new($"{Source}: {Printable.Quote(name)} is {Describe(value)}; {needed} is needed.");

    /// <summary>The error that the file says what is not supported.</summary>
    public InvalidFormatException Refused(string reason) => new($"{Source}: {reason}.");

    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Null => "null",
        _ => Printable.Quote(value.ToString()),
    };
}
