using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rubato.Models.Tests.Grammars;

/// <summary>Judges values by JSON Schema as the specification reads, with no thought of how they were made: the tests' own definition.</summary>
internal sealed class SchemaValidator(JsonElement root)
{
    private static readonly Dictionary<string, Func<string, bool>> Formats = new(StringComparer.Ordinal)
    {
        ["date"] = text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        ["time"] = text => text.Length >= 9 && DateTimeOffset.TryParse("2000-01-01T" + text, CultureInfo.InvariantCulture, out _),
        ["date-time"] = text => text.Contains('T') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        ["duration"] = text => Regex.IsMatch(text, @"^P(\d+W|\d+D(T\d+H)?|T(\d+H)?\d+M|T\d+S)$"),
        ["uuid"] = text => Guid.TryParseExact(text, "D", out _),
        ["email"] = text => System.Net.Mail.MailAddress.TryCreate(text, out _),
        ["hostname"] = text => Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4,
        ["ipv4"] = text => text.Split('.').Length == 4 && System.Net.IPAddress.TryParse(text, out _),
        ["uri"] = text => Uri.TryCreate(text, UriKind.Absolute, out _),
    };

    public bool Accepts(JsonElement value) => Holds(root, value);

    private bool Holds(JsonElement schema, JsonElement value)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True;
        }

        // OpenAPI's addition to JSON Schema.
        if (value.ValueKind == JsonValueKind.Null && schema.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True)
        {
            return true;
        }

        return schema.EnumerateObject().All(keyword => Holds(schema, keyword.Name, keyword.Value, value));
    }

    private bool Holds(JsonElement schema, string keyword, JsonElement wanted, JsonElement value) => keyword switch
    {
        "$ref" => Holds(Resolve(wanted.GetString()!), value),
        "allOf" => wanted.EnumerateArray().All(one => Holds(one, value)),
        "anyOf" => wanted.EnumerateArray().Any(one => Holds(one, value)),
        "oneOf" => wanted.EnumerateArray().Count(one => Holds(one, value)) == 1,
        "type" => (wanted.ValueKind == JsonValueKind.Array ? [.. wanted.EnumerateArray()] : new[] { wanted }).Any(one => Is(one.GetString()!, value)),
        "enum" => wanted.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)),
        "const" => JsonElement.DeepEquals(wanted, value),
        _ => value.ValueKind switch
        {
            JsonValueKind.String => StringHolds(keyword, wanted, value.GetString()!),
            JsonValueKind.Number => NumberHolds(keyword, wanted, value.GetDouble()),
            JsonValueKind.Array => ArrayHolds(schema, keyword, wanted, value),
            JsonValueKind.Object => ObjectHolds(schema, keyword, wanted, value),
            _ => true,
        },
    };

    private static bool Is(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() % 1 == 0,
        "number" => value.ValueKind == JsonValueKind.Number,
        "string" => value.ValueKind == JsonValueKind.String,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };

    private static bool StringHolds(string keyword, JsonElement wanted, string text) => keyword switch
    {
        "minLength" => text.EnumerateRunes().Count() >= wanted.GetInt32(),
        "maxLength" => text.EnumerateRunes().Count() <= wanted.GetInt32(),
        "pattern" => Regex.IsMatch(text, wanted.GetString()!, RegexOptions.ECMAScript),
        "format" => Formats[wanted.GetString()!](text),
        _ => true,
    };

    private static bool NumberHolds(string keyword, JsonElement wanted, double number) => keyword switch
    {
        "minimum" => number >= wanted.GetDouble(),
        "maximum" => number <= wanted.GetDouble(),
        "exclusiveMinimum" => number > wanted.GetDouble(),
        "exclusiveMaximum" => number < wanted.GetDouble(),
        "multipleOf" => number % wanted.GetDouble() == 0,
        _ => true,
    };

    private bool ArrayHolds(JsonElement schema, string keyword, JsonElement wanted, JsonElement value) => keyword switch
    {
        "minItems" => value.GetArrayLength() >= wanted.GetInt32(),
        "maxItems" => value.GetArrayLength() <= wanted.GetInt32(),
        "prefixItems" => value.EnumerateArray().Zip(wanted.EnumerateArray()).All(pair => Holds(pair.Second, pair.First)),
        "items" => value.EnumerateArray().Skip(schema.TryGetProperty("prefixItems", out var prefix) ? prefix.GetArrayLength() : 0).All(item => Holds(wanted, item)),
        _ => true,
    };

    private bool ObjectHolds(JsonElement schema, string keyword, JsonElement wanted, JsonElement value) => keyword switch
    {
        "properties" => wanted.EnumerateObject().All(one => !value.TryGetProperty(one.Name, out var member) || Holds(one.Value, member)),
        "required" => wanted.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
        "additionalProperties" => value.EnumerateObject().All(member =>
            (schema.TryGetProperty("properties", out var declared) && declared.TryGetProperty(member.Name, out _)) || Holds(wanted, member.Value)),
        "minProperties" => value.EnumerateObject().Count() >= wanted.GetInt32(),
        "maxProperties" => value.EnumerateObject().Count() <= wanted.GetInt32(),
        _ => true,
    };

    private JsonElement Resolve(string reference)
    {
        var found = root;
        foreach (var step in reference == "#" ? [] : reference[2..].Split('/'))
        {
            found = found.GetProperty(step);
        }

        return found;
    }
}
