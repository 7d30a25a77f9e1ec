using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Hosting.Output;
using Rubato.Models.Chat;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The fields <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c>.</summary>
internal static class ToolFields
{
    private const int ToolsMax = 128;
    private const int NameLengthMax = 64;

    /// <summary>What the client wants of the form of the answer.</summary>
    /// <param name="fields">The body.</param>
    /// <param name="shape">Where functions have their members.</param>
    /// <param name="format">What an answer without calls must be; null for text.</param>
    public static OutputRequest Read(JsonFields fields, ToolShape shape, OutputFormat? format)
    {
        var allowsSeveral = fields.Optional("parallel_tool_calls") is null || fields.OptionalBoolean("parallel_tool_calls");
        if (fields.Optional("tools") is not { } list || (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 0))
        {
            return ReadChoice(fields, shape, []) is (ToolChoice.Required, _)
                ? throw new OpenAiException(OpenAiError.BadRequest("'tool_choice' asks for a call, but there are no 'tools'.", "tool_choice", "invalid_value"))
                : OutputRequest.Text with { Format = format, AllowsSeveralCalls = allowsSeveral };
        }

        var tools = JsonFields.Array(list, "tools", ToolsMax).EnumerateArray().Select((tool, i) => ReadTool(tool, shape, $"tools[{i}]")).ToArray();
        if (tools.GroupBy(tool => tool.Tool.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new OpenAiException(OpenAiError.BadRequest($"'tools' has two functions named {twice.Key}.", "tools", "invalid_value"));
        }

        var (choice, name) = ReadChoice(fields, shape, [.. tools.Select(tool => tool.Tool.Name)]);
        return new()
        {
            Tools = choice == ToolChoice.None ? [] : [.. tools.Select(tool => tool.Tool)],
            ToolPaths = [.. tools.Select((_, i) => shape == ToolShape.Chat ? $"tools[{i}].function.parameters" : $"tools[{i}].parameters")],
            LooseTools = [.. tools.Where(tool => tool.IsLoose).Select(tool => tool.Tool.Name)],
            Choice = choice,
            FunctionName = name,
            AllowsSeveralCalls = allowsSeveral,
            Format = format,
        };
    }

    /// <summary>Names of functions and schemas are of letters, digits, underscores and dashes.</summary>
    public static string CheckName(string name, string path) =>
        name.Length is >= 1 and <= NameLengthMax && name.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '_' or '-')
            ? name
            : throw new OpenAiException(OpenAiError.BadRequest(
                $"'{path}' must have 1 to {NameLengthMax} characters out of a-z, A-Z, 0-9, _ and -.", path, "invalid_value"));

    private static (ChatTool Tool, bool IsLoose) ReadTool(JsonElement item, ToolShape shape, string path)
    {
        var tool = Object(item, path);
        if (JsonFields.Text(tool.Required("type"), tool.PathOf("type")) != "function")
        {
            throw new OpenAiException(OpenAiError.BadRequest($"'{path}.type' must be function.", $"{path}.type", "unsupported_parameter"));
        }

        var function = shape == ToolShape.Chat ? Object(tool.Required("function"), $"{path}.function") : tool;
        var name = CheckName(JsonFields.Text(function.Required("name"), function.PathOf("name")), function.PathOf("name"));
        var parameters = function.Optional("parameters");
        if (parameters is { ValueKind: not JsonValueKind.Object } other)
        {
            throw JsonFields.WrongType(function.PathOf("parameters"), "an object", other);
        }

        // "strict" set to false allows arguments outside the schema; only then is a schema that is not supported let pass.
        var isLoose = function.Optional("strict") is not null && !function.OptionalBoolean("strict");
        return (new(name, function.OptionalString("description"), parameters?.Clone()), isLoose);
    }

    private static (ToolChoice Choice, string? Name) ReadChoice(JsonFields fields, ToolShape shape, ImmutableArray<string> names)
    {
        if (fields.Optional("tool_choice") is not { } choice)
        {
            return (ToolChoice.Auto, null);
        }

        if (choice.ValueKind == JsonValueKind.String)
        {
            return (JsonFields.Text(choice, "tool_choice") switch
            {
                "auto" => ToolChoice.Auto,
                "none" => ToolChoice.None,
                "required" => ToolChoice.Required,
                _ => throw new OpenAiException(OpenAiError.BadRequest(
                    "'tool_choice' must be none, auto, required, or an object that names a function.", "tool_choice", "invalid_value")),
            }, null);
        }

        var named = Object(choice, "tool_choice");
        if (JsonFields.Text(named.Required("type"), "tool_choice.type") != "function")
        {
            throw new OpenAiException(OpenAiError.BadRequest("'tool_choice.type' must be function.", "tool_choice.type", "unsupported_parameter"));
        }

        var holder = shape == ToolShape.Chat ? Object(named.Required("function"), "tool_choice.function") : named;
        var path = holder.PathOf("name");
        var name = JsonFields.Text(holder.Required("name"), path);
        return names.Contains(name) || names.IsEmpty
            ? (ToolChoice.Required, name)
            : throw new OpenAiException(OpenAiError.BadRequest($"'{path}' is none of the 'tools'.", path, "invalid_value"));
    }

    private static JsonFields Object(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Object ? new(value, path) : throw JsonFields.WrongType(path, "an object", value);
}
