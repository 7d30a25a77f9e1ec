using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Grammars.Patterns;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>Reads the facts of one schema object: every keyword that matters is understood, or refused by name.</summary>
internal sealed class SchemaReader(GrammarLimits limits, GrammarWork work)
{
    /// <summary>Units of work for each character of a pattern.</summary>
    private const int PatternCharacterUnits = 16;


    /// <summary>Keywords that would forbid values and are not supported.</summary>
    private static readonly string[] Refused =
    [
        "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies", "patternProperties", "propertyNames", "contains",
        "minContains", "maxContains", "unevaluatedItems", "$dynamicRef", "$recursiveRef",
    ];

    private static readonly (string Keyword, JsonTypes Type)[] Topics =
    [
        ("minLength", JsonTypes.String), ("maxLength", JsonTypes.String), ("pattern", JsonTypes.String), ("format", JsonTypes.String),
        ("minimum", JsonTypes.Number), ("maximum", JsonTypes.Number), ("exclusiveMinimum", JsonTypes.Number),
        ("exclusiveMaximum", JsonTypes.Number), ("multipleOf", JsonTypes.Number),
        ("items", JsonTypes.Array), ("prefixItems", JsonTypes.Array), ("minItems", JsonTypes.Array), ("maxItems", JsonTypes.Array),
        ("properties", JsonTypes.Object), ("required", JsonTypes.Object), ("additionalProperties", JsonTypes.Object),
        ("minProperties", JsonTypes.Object), ("maxProperties", JsonTypes.Object),
    ];

    private readonly Dictionary<string, SchemaFacts> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Pattern> _patterns = new(StringComparer.Ordinal);

    /// <summary>The facts of a schema, read once.</summary>
    /// <exception cref="SchemaException">A keyword is malformed or not supported.</exception>
    public SchemaFacts Read(SchemaPart schema)
    {
        if (!_known.TryGetValue(schema.Path, out var facts))
        {
            // Each member and item gets a path of its own, which begins with this one; none is shorter than these bytes.
            const int MemberBytesMin = 8;
            const int ShortPath = 128;
            work.SpendOnSchema(JsonMarshal.GetRawUtf8Value(schema.Element).Length / MemberBytesMin * (long)(schema.Path.Length / ShortPath), schema.Path);
            facts = ReadAnew(schema);
            _known.Add(schema.Path, facts);
            work.SpendOnSchema(facts.Size, schema.Path);
        }

        return facts;
    }

    private SchemaFacts ReadAnew(SchemaPart schema)
    {
        if (schema.Element.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.Element.ValueKind == JsonValueKind.True ? new() { Path = schema.Path } : SchemaFacts.Never with { Path = schema.Path, NamesTypes = true };
        }

        if (schema.Element.ValueKind != JsonValueKind.Object)
        {
            throw new SchemaException(schema.Path, $"'{schema.Path}' must be a schema: an object, true or false.");
        }

        RefuseUnsupported(schema);
        var fields = new SchemaFields(schema);
        var types = ReadTypes(schema);
        var isWhole = fields.Number("multipleOf") switch
        {
            null => false,
            1 => true,
            _ => throw fields.Unsupported("multipleOf", "other than 1"),
        };
        if (isWhole)
        {
            types &= ~JsonTypes.Fraction;
        }

        return new SchemaFacts
        {
            Path = schema.Path,
            Types = types,
            NamesTypes = fields.Has("type"),
            Mentioned = Topics.Where(topic => fields.Has(topic.Keyword)).Aggregate(JsonTypes.None, (all, topic) => all | topic.Type),
            Values = ReadValues(schema, types),
            Min = ReadBound(fields, "minimum", "exclusiveMinimum", higher: true),
            Max = ReadBound(fields, "maximum", "exclusiveMaximum", higher: false),
            LengthMin = fields.Count("minLength") ?? 0,
            LengthMax = fields.Count("maxLength"),
            Pattern = ReadPattern(fields),
            PrefixItems = ReadPrefixItems(schema, fields),
            Items = ReadItems(schema, fields),
            ItemsMin = fields.Count("minItems") ?? 0,
            ItemsMax = fields.Count("maxItems"),
            Properties = ReadProperties(schema, fields),
            DeclaresMembers = fields.Has("properties"),
            Required = ReadRequired(schema, fields),
            Additional = ReadAdditional(schema, fields),
            PropertiesMin = fields.Count("minProperties") ?? 0,
            PropertiesMax = fields.Count("maxProperties"),
        };
    }

    private static void RefuseUnsupported(SchemaPart schema)
    {
        var fields = new SchemaFields(schema);
        foreach (var keyword in Refused)
        {
            if (schema.Element.TryGetProperty(keyword, out _))
            {
                throw fields.Unsupported(keyword);
            }
        }

        if (schema.Element.TryGetProperty("uniqueItems", out var unique) && unique.ValueKind != JsonValueKind.False)
        {
            throw fields.Unsupported("uniqueItems");
        }
    }

    private static JsonTypes ReadTypes(SchemaPart schema)
    {
        if (!schema.Element.TryGetProperty("type", out var type))
        {
            return JsonTypes.All;
        }

        var path = $"{schema.Path}.type";
        var types = JsonTypes.None;
        foreach (var name in type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray()] : new[] { type })
        {
            types |= (name.ValueKind == JsonValueKind.String ? SchemaFields.Text(name, path) : "") switch
            {
                "null" => JsonTypes.Null,
                "boolean" => JsonTypes.Boolean,
                "integer" => JsonTypes.Integer,
                "number" => JsonTypes.Number,
                "string" => JsonTypes.String,
                "array" => JsonTypes.Array,
                "object" => JsonTypes.Object,
                _ => throw new SchemaException(path, $"'{path}' must be null, boolean, integer, number, string, array or object, or an array of these."),
            };
        }

        return schema.Element.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True ? types | JsonTypes.Null : types;
    }

    private static ImmutableArray<JsonElement> ReadValues(SchemaPart schema, JsonTypes types)
    {
        ImmutableArray<JsonElement> values = default;
        if (schema.Element.TryGetProperty("enum", out var list))
        {
            values = list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray()]
                : throw new SchemaException($"{schema.Path}.enum", $"'{schema.Path}.enum' must be an array.");
        }

        if (schema.Element.TryGetProperty("const", out var constant))
        {
            values = values.IsDefault || values.Any(value => JsonElement.DeepEquals(value, constant)) ? [constant] : [];
        }

        // "nullable" beside "enum" is OpenAPI's way to allow null as well.
        if (!values.IsDefault && types.HasFlag(JsonTypes.Null) && schema.Element.TryGetProperty("nullable", out _)
            && !values.Any(value => value.ValueKind == JsonValueKind.Null))
        {
            values = values.Add(JsonDocument.Parse("null").RootElement);
        }

        return values;
    }

    private static (decimal, bool)? ReadBound(SchemaFields fields, string keyword, string exclusiveKeyword, bool higher)
    {
        // OpenAPI 3.0 and draft 4 have a boolean beside the bound.
        var inclusive = fields.Number(keyword);
        if (fields.Has(exclusiveKeyword) && fields.IsBoolean(exclusiveKeyword, out var isExclusive))
        {
            return inclusive is { } bound ? (bound, isExclusive) : null;
        }

        var exclusive = fields.Number(exclusiveKeyword);
        if (inclusive is { } x && exclusive is { } y)
        {
            return higher ? y >= x ? (y, true) : (x, false) : y <= x ? (y, true) : (x, false);
        }

        return inclusive is { } one ? (one, false) : exclusive is { } other ? (other, true) : null;
    }

    private (string, Pattern)? ReadPattern(SchemaFields fields)
    {
        var source = fields.OptionalText("pattern");
        if (fields.OptionalText("format") is { } format)
        {
            if (source is not null)
            {
                throw fields.Unsupported("format", "beside 'pattern'");
            }

            source = StringFormats.Find(format) ?? throw fields.Unsupported("format", $"{JsonSerializer.Serialize(format)}; supported are {StringFormats.Names}");
        }

        if (source is null)
        {
            return null;
        }

        if (_patterns.TryGetValue(source, out var known))
        {
            return (source, known);
        }

        try
        {
            work.SpendOnSchema(PatternCharacterUnits * (long)Math.Min(source.Length, limits.PatternLength), fields.PathOf("pattern"));
            var pattern = PatternParser.Parse(source, limits);
            _patterns.Add(source, pattern);
            return (source, pattern);
        }
        catch (InvalidFormatException error)
        {
            throw new SchemaException(fields.PathOf("pattern"), $"'{fields.PathOf("pattern")}' {error.Message}.");
        }
    }

    private static ImmutableArray<ImmutableArray<SchemaPart>> ReadPrefixItems(SchemaPart schema, SchemaFields fields)
    {
        var keyword = fields.Has("prefixItems") ? "prefixItems" : "items";
        if (!schema.Element.TryGetProperty(keyword, out var list) || (keyword == "items" && list.ValueKind != JsonValueKind.Array))
        {
            return [];
        }

        return list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select((item, i) => ImmutableArray.Create(new SchemaPart(item, $"{schema.Path}.{keyword}[{i}]")))]
            : throw new SchemaException($"{schema.Path}.{keyword}", $"'{schema.Path}.{keyword}' must be an array.");
    }

    private static ImmutableArray<SchemaPart> ReadItems(SchemaPart schema, SchemaFields fields)
    {
        // Before 2020, an array of items stood for what is now prefixItems, and additionalItems for the rest.
        var keyword = schema.Element.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array ? "additionalItems" : "items";
        return fields.Has(keyword) ? [schema.Child(keyword)] : default;
    }

    private static ImmutableArray<(string, ImmutableArray<SchemaPart>)> ReadProperties(SchemaPart schema, SchemaFields fields)
    {
        if (!fields.Has("properties"))
        {
            return [];
        }

        var properties = schema.Child("properties");
        if (properties.Element.ValueKind != JsonValueKind.Object)
        {
            throw new SchemaException(properties.Path, $"'{properties.Path}' must be an object.");
        }

        return [.. properties.Element.EnumerateObject().Select(one => (one.Name, ImmutableArray.Create(
            new SchemaPart(one.Value, $"{properties.Path}.{one.Name}"))))];
    }

    private static ImmutableArray<string> ReadRequired(SchemaPart schema, SchemaFields fields)
    {
        // Draft 3 and some generators write a boolean on the member itself; it says nothing about this object.
        if (!fields.Has("required") || schema.Element.GetProperty("required").ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return [];
        }

        var required = schema.Child("required");
        return required.Element.ValueKind == JsonValueKind.Array
            ? [.. required.Element.EnumerateArray().Select(name => SchemaFields.Text(name, required.Path)).Distinct(StringComparer.Ordinal)]
            : throw new SchemaException(required.Path, $"'{required.Path}' must be an array of strings.");
    }

    private static ImmutableArray<SchemaPart> ReadAdditional(SchemaPart schema, SchemaFields fields)
    {
        var isClosed = schema.Element.TryGetProperty("unevaluatedProperties", out var unevaluated);
        if (isClosed && (unevaluated.ValueKind != JsonValueKind.False || fields.Has("additionalProperties")))
        {
            throw fields.Unsupported("unevaluatedProperties", "other than false");
        }

        return fields.Has("additionalProperties") ? [schema.Child("additionalProperties")] : default;
    }
}
