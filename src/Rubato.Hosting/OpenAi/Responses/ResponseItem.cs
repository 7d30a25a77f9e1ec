using System.Text;
using System.Text.Json;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>One item of a response's output as it grows: a message, or a call of a function.</summary>
/// <param name="ids">Names the item.</param>
/// <param name="function">The function that is called; null for a message.</param>
internal sealed class ResponseItem(ResponseIds ids, string? function)
{
    private readonly string _callId = function is null ? "" : ids.NewCallId();
    private readonly StringBuilder _text = new();

    /// <summary>The identifier.</summary>
    public string Id { get; } = ids.NewId(function is null ? "msg" : "fc");

    /// <summary>Whether it is a message.</summary>
    public bool IsMessage => function is null;

    /// <summary>The function that is called; null for a message.</summary>
    public string? Function => function;

    /// <summary>The text of a message, or the arguments of a call, so far.</summary>
    public string Text => _text.ToString();

    /// <summary>in_progress, completed or incomplete.</summary>
    public string Status { get; set; } = "in_progress";

    /// <summary>Takes in more text or arguments.</summary>
    public void Add(string text) => _text.Append(text);

    /// <summary>Writes the item as a value.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="withText">Whether to write what it holds; false where it begins.</param>
    public void Write(Utf8JsonWriter json, bool withText)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, Id);
        json.WriteString("type"u8, IsMessage ? "message"u8 : "function_call"u8);
        json.WriteString("status"u8, Status);
        if (IsMessage)
        {
            WriteMessage(json, withText);
        }
        else
        {
            json.WriteString("call_id"u8, _callId);
            json.WriteString("name"u8, function);
            json.WriteString("arguments"u8, withText ? Text : "");
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the only part of a message as a value.</summary>
    public static void WritePart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "output_text"u8);
        json.WriteString("text"u8, text);
        json.WriteStartArray("annotations"u8);
        json.WriteEndArray();
        json.WriteStartArray("logprobs"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteMessage(Utf8JsonWriter json, bool withText)
    {
        json.WriteString("role"u8, "assistant"u8);
        json.WriteStartArray("content"u8);
        if (withText)
        {
            WritePart(json, Text);
        }

        json.WriteEndArray();
    }
}
