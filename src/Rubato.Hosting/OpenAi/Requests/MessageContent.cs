using System.Text.Json;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The content of a message: a string, or an array of text parts, which are joined by line feeds.</summary>
internal static class MessageContent
{
    private const int PartsMax = 256;

    public static string Read(JsonElement content, string path)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return JsonFields.Text(content, path);
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            throw JsonFields.WrongType(path, "a string or an array of text parts", content);
        }

        var parts = JsonFields.Array(content, path, PartsMax);
        return string.Join('\n', parts.EnumerateArray().Select((part, i) => ReadPart(part, $"{path}[{i}]")));
    }

    private static string ReadPart(JsonElement part, string path)
    {
        if (part.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType(path, "an object", part);
        }

        var fields = new JsonFields(part, path);
        var type = JsonFields.Text(fields.Required("type"), fields.PathOf("type"));
        return type is "text" or "input_text" or "output_text"
            ? JsonFields.Text(fields.Required("text"), fields.PathOf("text"))
            : throw new OpenAiException(OpenAiError.BadRequest(
                $"'{fields.PathOf("type")}' must be text; this server takes no images, audio or files.", fields.PathOf("type"), "unsupported_parameter"));
    }
}
