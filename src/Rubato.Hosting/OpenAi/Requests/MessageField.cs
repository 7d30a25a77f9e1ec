using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Models.Chat;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>One item of <c>messages</c>.</summary>
internal static class MessageField
{
    private const int CallsMax = 128;
    private const int IdLengthMax = 256;

    public static ChatMessage Read(JsonElement item, string path)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType(path, "an object", item);
        }

        var fields = new JsonFields(item, path);
        var role = JsonFields.Text(fields.Required("role"), fields.PathOf("role")) switch
        {
            "system" or "developer" => "system",
            "user" => "user",
            "assistant" => "assistant",
            "tool" => "tool",
            _ => throw new OpenAiException(OpenAiError.BadRequest(
                $"'{fields.PathOf("role")}' must be system, developer, user, assistant or tool.", fields.PathOf("role"), "invalid_value")),
        };
        var calls = ReadCalls(fields, role);
        var content = calls.IsEmpty || fields.Optional("content") is not null
            ? MessageContent.Read(fields.Required("content"), fields.PathOf("content"))
            : "";
        return new ChatMessage(role, content)
        {
            ToolCalls = calls,
            ToolCallId = role == "tool" ? ReadId(fields, "tool_call_id") : null,
        };
    }

    private static ImmutableArray<ChatToolCall> ReadCalls(JsonFields fields, string role)
    {
        if (fields.Optional("tool_calls") is not { } list || (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 0))
        {
            return [];
        }

        var path = fields.PathOf("tool_calls");
        return role == "assistant"
            ? [.. JsonFields.Array(list, path, CallsMax).EnumerateArray().Select((call, i) => ReadCall(call, $"{path}[{i}]"))]
            : throw new OpenAiException(OpenAiError.BadRequest($"'{path}' is for messages of the assistant.", path, "invalid_value"));
    }

    private static ChatToolCall ReadCall(JsonElement item, string path)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType(path, "an object", item);
        }

        var call = new JsonFields(item, path);
        var function = call.Required("function");
        if (function.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType(call.PathOf("function"), "an object", function);
        }

        var fields = new JsonFields(function, call.PathOf("function"));
        var argumentsPath = fields.PathOf("arguments");
        return new(
            ReadId(call, "id"),
            ToolFields.CheckName(JsonFields.Text(fields.Required("name"), fields.PathOf("name")), fields.PathOf("name")),
            ParseArguments(JsonFields.Text(fields.Required("arguments"), argumentsPath), argumentsPath));
    }

    /// <summary>The arguments of a call, from their text.</summary>
    public static JsonElement ParseArguments(string text, string path)
    {
        try
        {
            var arguments = JsonDocument.Parse(text.Length == 0 ? "{}" : text, new() { MaxDepth = JsonBody.DepthMax, AllowDuplicateProperties = false }).RootElement;
            return arguments.ValueKind == JsonValueKind.Object ? arguments : throw JsonFields.WrongType(path, "the text of a JSON object", arguments);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new OpenAiException(OpenAiError.BadRequest($"'{path}' must be the text of a JSON object of at most {JsonBody.DepthMax} levels.", path, "invalid_value"));
        }
    }

    /// <summary>The name of a call.</summary>
    public static string ReadId(JsonFields fields, string name)
    {
        var id = JsonFields.Text(fields.Required(name), fields.PathOf(name));
        return id.Length is >= 1 and <= IdLengthMax
            ? id
            : throw new OpenAiException(OpenAiError.BadRequest($"'{fields.PathOf(name)}' must have 1 to {IdLengthMax} characters.", fields.PathOf(name), "invalid_value"));
    }
}
