using System.Text.Json;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The fields about the form of the answer as the client wrote them, which a response shows again.</summary>
internal sealed class ResponsesEcho(JsonFields fields)
{
    private readonly JsonElement? _format = fields.Optional("text") is { } text ? new JsonFields(text, "text").Optional("format")?.Clone() : null;
    private readonly JsonElement? _choice = fields.Optional("tool_choice")?.Clone();
    private readonly JsonElement? _tools = fields.Optional("tools")?.Clone();
    private readonly bool _allowsSeveral = fields.Optional("parallel_tool_calls") is null || fields.OptionalBoolean("parallel_tool_calls");

    /// <summary>Writes them as members.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteBoolean("parallel_tool_calls"u8, _allowsSeveral);
        json.WriteStartObject("text"u8);
        json.WritePropertyName("format"u8);
        if (_format is { } format)
        {
            format.WriteTo(json);
        }
        else
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WritePropertyName("tool_choice"u8);
        if (_choice is { } choice)
        {
            choice.WriteTo(json);
        }
        else
        {
            json.WriteStringValue("auto"u8);
        }

        json.WritePropertyName("tools"u8);
        if (_tools is { } tools)
        {
            tools.WriteTo(json);
        }
        else
        {
            json.WriteStartArray();
            json.WriteEndArray();
        }
    }
}
