using System.Globalization;
using System.Text.Json;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>Reads fields of a JSON object; every complaint names the field. A field that is null counts as absent.</summary>
internal readonly struct JsonFields(JsonElement element, string path = "")
{
    /// <summary>The name of a field as clients know it, like <c>messages[0].role</c>.</summary>
    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public JsonElement? Optional(string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public JsonElement Required(string name) =>
        Optional(name) ?? throw new OpenAiException(OpenAiError.BadRequest($"'{PathOf(name)}' is required.", PathOf(name), "missing_required_parameter"));

    public string? OptionalString(string name) => Optional(name) is { } value ? Text(value, PathOf(name)) : null;

    public bool OptionalBoolean(string name) => Optional(name) switch
    {
        null => false,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw WrongType(PathOf(name), "true or false", other),
    };

    public double? OptionalNumber(string name, double min, double max)
    {
        if (Optional(name) is not { } value)
        {
            return null;
        }

        return Number(value, PathOf(name), min, max);
    }

    public static double Number(JsonElement value, string path, double min, double max)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            throw WrongType(path, "a number", value);
        }

        return value.TryGetDouble(out var number) && number >= min && number <= max
            ? number
            : throw OutOfRange(path, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"), value);
    }

    public long? OptionalInteger(string name, long min, long max)
    {
        if (Optional(name) is not { } value)
        {
            return null;
        }

        return Integer(value, PathOf(name), min, max);
    }

    public static long Integer(JsonElement value, string path, long min, long max)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            throw WrongType(path, "an integer", value);
        }

        return value.TryGetInt64(out var number) && number >= min && number <= max
            ? number
            : throw OutOfRange(path, string.Create(CultureInfo.InvariantCulture, $"an integer from {min} to {max}"), value);
    }

    /// <summary>A string value; a lone surrogate in it is the client's error.</summary>
    public static string Text(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw WrongType(path, "a string", value);
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new OpenAiException(OpenAiError.BadRequest($"'{path}' holds half of a surrogate pair.", path, "invalid_value"));
        }
    }

    public static JsonElement Array(JsonElement value, string path, int lengthMax)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw WrongType(path, "an array", value);
        }

        var length = value.GetArrayLength();
        return length >= 1 && length <= lengthMax
            ? value
            : throw new OpenAiException(OpenAiError.BadRequest($"'{path}' must have 1 to {lengthMax} items; it has {length}.", path, "invalid_value"));
    }

    public static OpenAiException WrongType(string path, string expected, JsonElement value) =>
        new(OpenAiError.BadRequest($"'{path}' must be {expected}; it is {Kind(value)}.", path, "invalid_type"));

    private static OpenAiException OutOfRange(string path, string expected, JsonElement value)
    {
        var raw = value.GetRawText();
        var shown = raw.Length <= 40 ? raw : raw[..40] + "…";
        return new(OpenAiError.BadRequest($"'{path}' must be {expected}; it is {shown}.", path, "invalid_value"));
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };
}
