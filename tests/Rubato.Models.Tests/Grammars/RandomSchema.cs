using System.Text.Json;
using System.Text.Json.Nodes;
using Rubato.Core;

namespace Rubato.Models.Tests.Grammars;

/// <summary>Random schemas of what is supported. Definitions may refer to each other and to themselves, always with a way out.</summary>
internal sealed class RandomSchema(Prng random)
{
    private static readonly string[] Names = ["a", "name", "größe", "with \"quote\"", "x y", "id", "tags", "日本"];
    private static readonly string[] Patterns = ["^[a-c]{2,5}$", "^(red|green|blue)$", "^\\d{3}-\\d{4}$", "^[A-Z][a-z]*$", "^\\+?[0-9]+(\\.[0-9]{1,2})?$", "[xyz]\"", "^\\w+@\\w+$"];
    private static readonly string[] Formats = ["date", "time", "date-time", "uuid", "email", "ipv4", "uri", "hostname", "duration"];

    private readonly int _definitions = random.NextInt32(3);

    public JsonElement Next()
    {
        var schema = Schema(3).AsObject();
        if (_definitions > 0)
        {
            schema["$defs"] = new JsonObject(Enumerable.Range(0, _definitions).Select(i => KeyValuePair.Create($"d{i}", (JsonNode?)Definition())));
        }

        return JsonDocument.Parse(schema.ToJsonString()).RootElement;
    }

    /// <summary>An object in which every reference is optional, so that some output is finite.</summary>
    private JsonObject Definition() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { ["leaf"] = Schema(0), ["next"] = Reference(), ["many"] = new JsonObject { ["type"] = "array", ["items"] = Reference() } },
        ["required"] = new JsonArray("leaf"),
        ["additionalProperties"] = false,
    };

    private JsonNode Reference() => new JsonObject { ["$ref"] = $"#/$defs/d{random.NextInt32(_definitions)}" };

    private JsonNode Schema(int depth) => random.NextInt32(depth == 0 ? 6 : 11) switch
    {
        0 => Text(),
        1 => Integer(),
        2 => Number(),
        3 => new JsonObject { ["type"] = random.Chance(1, 2) ? "boolean" : "null" },
        4 => new JsonObject { ["enum"] = new JsonArray("one", 2, null, "two \"and\" \n a half", 2.5, true) },
        5 => random.Chance(1, 2) ? new JsonObject { ["const"] = "fixed" } : new JsonObject { ["type"] = new JsonArray("string", "null", "integer") },
        6 => Array(depth),
        7 => Tuple(depth),
        8 => new JsonObject { [random.Chance(1, 2) ? "anyOf" : "oneOf"] = new JsonArray(Text(), Integer(), Object(depth), new JsonObject { ["type"] = "null" }) },
        9 when _definitions > 0 => Reference(),
        9 => new JsonObject { ["allOf"] = new JsonArray(Object(depth, isOpen: true), new JsonObject { ["properties"] = new JsonObject { ["extra"] = Schema(0) }, ["required"] = new JsonArray("extra") }) },
        _ => Object(depth),
    };

    private JsonObject Text()
    {
        var schema = new JsonObject { ["type"] = "string" };
        switch (random.NextInt32(5))
        {
            case 0:
                schema["pattern"] = Patterns[random.NextInt32(Patterns.Length)];
                break;
            case 1:
                schema["format"] = Formats[random.NextInt32(Formats.Length)];
                break;
            case 2:
                var min = random.NextInt32(6);
                schema["minLength"] = min;
                schema["maxLength"] = min + random.NextInt32(60);
                break;
        }

        return schema;
    }

    private JsonObject Integer()
    {
        var schema = new JsonObject { ["type"] = "integer" };
        Bounds(schema);
        return schema;
    }

    private JsonObject Number()
    {
        var schema = new JsonObject { ["type"] = "number" };
        Bounds(schema);
        return schema;
    }

    private void Bounds(JsonObject schema)
    {
        var low = random.NextInt32(-2000, 2000) / (random.Chance(1, 3) ? 100 : 1);
        if (random.Chance(1, 2))
        {
            schema[random.Chance(1, 3) ? "exclusiveMinimum" : "minimum"] = low;
        }

        if (random.Chance(1, 2))
        {
            schema[random.Chance(1, 3) ? "exclusiveMaximum" : "maximum"] = low + 2 + random.NextInt32(3000);
        }
    }

    private JsonObject Array(int depth)
    {
        var min = random.NextInt32(3);
        var schema = new JsonObject { ["type"] = "array", ["items"] = Schema(depth - 1), ["minItems"] = min };
        if (random.Chance(2, 3))
        {
            schema["maxItems"] = min + random.NextInt32(3);
        }

        return schema;
    }

    private JsonObject Tuple(int depth) => new()
    {
        ["type"] = "array",
        ["prefixItems"] = new JsonArray(Schema(depth - 1), Schema(0)),
        ["items"] = random.Chance(1, 2) ? JsonValue.Create(false) : Schema(0),
    };

    private JsonObject Object(int depth, bool isOpen = false)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var name in Names.Where(_ => random.Chance(1, 3)))
        {
            properties[name] = Schema(depth - 1);
            if (random.Chance(1, 2))
            {
                required.Add(name);
            }
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required };
        switch (isOpen ? 2 : random.NextInt32(4))
        {
            case 0:
                schema["additionalProperties"] = false;
                break;
            case 1:
                schema["additionalProperties"] = Schema(0);
                break;
        }

        return schema;
    }
}
