using System.Text.Json;
using Rubato.Hosting.Output;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The fields <c>response_format</c> and <c>text.format</c>: text, a JSON object, or JSON that satisfies a schema.</summary>
internal static class ResponseFormatField
{
    private const string Name = "response_format";
    private const string TextFormat = "text.format";

    /// <summary>What the answer must be; null for text.</summary>
    public static OutputFormat? Read(JsonFields fields) => fields.Optional(Name) is not { } format
        ? null
        : Read(Object(format, Name), Name, inner => (Object(inner.Required("json_schema"), $"{Name}.json_schema"), $"{Name}.json_schema"));

    /// <summary>The same for the field <c>text.format</c> of /v1/responses, in which name and schema stand beside the type.</summary>
    public static OutputFormat? ReadText(JsonFields fields) =>
        fields.Optional("text") is not { } text || Object(text, "text").Optional("format") is not { } format
            ? null
            : Read(Object(format, TextFormat), TextFormat, inner => (inner, TextFormat));

    private static OutputFormat? Read(JsonFields format, string path, Func<JsonFields, (JsonFields Schema, string Path)> find)
    {
        switch (JsonFields.Text(format.Required("type"), $"{path}.type"))
        {
            case "text":
                return null;
            case "json_object":
                return new(null, path);
            case "json_schema":
                var (inner, innerPath) = find(format);
                return ReadSchema(inner, innerPath);
            default:
                throw new OpenAiException(OpenAiError.BadRequest($"'{path}.type' must be text, json_object or json_schema.", $"{path}.type", "invalid_value"));
        }
    }

    private static OutputFormat ReadSchema(JsonFields inner, string path)
    {
        ToolFields.CheckName(JsonFields.Text(inner.Required("name"), $"{path}.name"), $"{path}.name");
        _ = inner.OptionalString("description");
        _ = inner.OptionalBoolean("strict");
        return new(inner.Required("schema").Clone(), $"{path}.schema");
    }

    private static JsonFields Object(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Object ? new(value, path) : throw JsonFields.WrongType(path, "an object", value);
}
