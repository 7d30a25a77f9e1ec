using System.Text.Json;
using Rubato.Hosting.Output;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The field <c>response_format</c>: text, a JSON object, or JSON that satisfies a schema.</summary>
internal static class ResponseFormatField
{
    private const string Name = "response_format";

    /// <summary>What the answer must be; null for text.</summary>
    public static OutputFormat? Read(JsonFields fields)
    {
        if (fields.Optional(Name) is not { } format)
        {
            return null;
        }

        var inner = Object(format, Name);
        return JsonFields.Text(inner.Required("type"), $"{Name}.type") switch
        {
            "text" => null,
            "json_object" => new(null, Name),
            "json_schema" => ReadSchema(inner),
            _ => throw new OpenAiException(OpenAiError.BadRequest($"'{Name}.type' must be text, json_object or json_schema.", $"{Name}.type", "invalid_value")),
        };
    }

    private static OutputFormat ReadSchema(JsonFields format)
    {
        const string Path = $"{Name}.json_schema";
        var inner = Object(format.Required("json_schema"), Path);
        ToolFields.CheckName(JsonFields.Text(inner.Required("name"), $"{Path}.name"), $"{Path}.name");
        _ = inner.OptionalString("description");
        _ = inner.OptionalBoolean("strict");
        return new(inner.Required("schema").Clone(), $"{Path}.schema");
    }

    private static JsonFields Object(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Object ? new(value, path) : throw JsonFields.WrongType(path, "an object", value);
}
