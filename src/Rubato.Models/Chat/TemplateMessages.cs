using System.Globalization;
using System.Text.Json;

namespace Rubato.Models.Chat;

/// <summary>Messages and functions as the values that chat templates look at, in the shape that Hugging Face gives them.</summary>
internal static class TemplateMessages
{
    public static object ToValue(ChatMessage message, Func<string, string> callId)
    {
        var map = Map(("role", message.Role), ("content", message.Content));
        if (!message.ToolCalls.IsDefaultOrEmpty)
        {
            map["tool_calls"] = message.ToolCalls.Select(call => (object?)Map(
                ("id", callId(call.Id)),
                ("type", "function"),
                ("function", Map(("name", call.Name), ("arguments", ToValue(call.Arguments)))))).ToList();
        }

        if (message.ToolCallId is { } id)
        {
            map["tool_call_id"] = callId(id);
        }

        return map;
    }

    public static object ToValue(ChatTool tool)
    {
        var function = Map(("name", tool.Name), ("description", tool.Description ?? ""));
        function["parameters"] = tool.Parameters is { } parameters ? ToValue(parameters) : Map(("type", "object"), ("properties", Map()));
        return Map(("type", "function"), ("function", function));
    }

    /// <summary>Nine letters or digits, as Mistral's templates want them: the id itself when it is so, else made from it.</summary>
    public static string ShortId(string id)
    {
        if (id.Length == 9 && id.All(char.IsAsciiLetterOrDigit))
        {
            return id;
        }

        var hash = 14695981039346656037UL;
        foreach (var unit in id)
        {
            hash = unchecked((hash ^ unit) * 1099511628211UL);
        }

        return hash.ToString("x16", CultureInfo.InvariantCulture)[..9];
    }

    private static object? ToValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => new OrderedDictionary<string, object?>(
            value.EnumerateObject().DistinctBy(member => member.Name).Select(member => KeyValuePair.Create(member.Name, ToValue(member.Value))), StringComparer.Ordinal),
        JsonValueKind.Array => value.EnumerateArray().Select(ToValue).ToList(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? (object)whole : value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static OrderedDictionary<string, object?> Map(params ReadOnlySpan<(string Name, object? Value)> members)
    {
        var map = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in members)
        {
            map.Add(name, value);
        }

        return map;
    }
}
