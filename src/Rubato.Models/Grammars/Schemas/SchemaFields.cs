using System.Text.Json;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>Reads the keywords of one schema; every complaint names the place.</summary>
internal readonly struct SchemaFields(SchemaPart schema)
{
    public static string Text(JsonElement value, string path) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new SchemaException(path, $"'{path}' must be a string.");

    public string PathOf(string keyword) => $"{schema.Path}.{keyword}";

    public bool Has(string keyword) => schema.Element.TryGetProperty(keyword, out _);

    public bool IsBoolean(string keyword, out bool value)
    {
        var kind = schema.Element.TryGetProperty(keyword, out var element) ? element.ValueKind : JsonValueKind.Undefined;
        value = kind == JsonValueKind.True;
        return kind is JsonValueKind.True or JsonValueKind.False;
    }

    public string? OptionalText(string keyword) =>
        schema.Element.TryGetProperty(keyword, out var value) ? Text(value, PathOf(keyword)) : null;

    public decimal? Number(string keyword)
    {
        if (!schema.Element.TryGetProperty(keyword, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number)
            ? number
            : throw new SchemaException(PathOf(keyword), $"'{PathOf(keyword)}' must be a number of at most 28 digits.");
    }

    /// <summary>A count; one that no output could reach counts as the largest that is kept.</summary>
    public int? Count(string keyword)
    {
        const int Most = 1_000_000_000;
        return Number(keyword) is not { } number ? null
            : number >= 0 && decimal.Truncate(number) == number ? (int)Math.Min(number, Most)
            : throw new SchemaException(PathOf(keyword), $"'{PathOf(keyword)}' must be a whole number, at least 0.");
    }

    public SchemaException Unsupported(string keyword, string what = "") => new(
        PathOf(keyword), $"'{PathOf(keyword)}': the keyword '{keyword}'{(what.Length > 0 ? " " + what : "")} is not supported; leave it out.");
}
