using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Hosting.Http;
using Rubato.Models.Chat;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The field <c>input</c> of /v1/responses: a text, or messages, calls of functions and their results.</summary>
internal static class ResponsesInput
{
    /// <exception cref="OpenAiException">The input breaks a rule.</exception>
    public static ImmutableArray<ChatMessage> Read(JsonElement input, ServingLimits limits)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            return [new ChatMessage("user", JsonFields.Text(input, "input"))];
        }

        if (input.ValueKind != JsonValueKind.Array)
        {
            throw JsonFields.WrongType("input", "a string or an array of messages", input);
        }

        var messages = new List<ChatMessage>();
        foreach (var (i, item) in JsonFields.Array(input, "input", limits.MessagesMax).EnumerateArray().Index())
        {
            Add(messages, item, $"input[{i}]");
        }

        return [.. messages];
    }

    private static void Add(List<ChatMessage> messages, JsonElement item, string path)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType(path, "an object", item);
        }

        var fields = new JsonFields(item, path);
        switch (fields.OptionalString("type"))
        {
            case null or "message":
                messages.Add(ReadMessage(fields));
                break;
            case "function_call":
                AddCall(messages, ReadCall(fields));
                break;
            case "function_call_output":
                messages.Add(ReadOutput(fields, messages));
                break;
            default:
                throw new OpenAiException(OpenAiError.BadRequest(
                    $"'{fields.PathOf("type")}' must be message, function_call or function_call_output; this server takes no other items.",
                    fields.PathOf("type"),
                    "unsupported_parameter"));
        }
    }

    private static ChatMessage ReadMessage(JsonFields fields)
    {
        var role = JsonFields.Text(fields.Required("role"), fields.PathOf("role")) switch
        {
            "system" or "developer" => "system",
            "user" => "user",
            "assistant" => "assistant",
            _ => throw new OpenAiException(OpenAiError.BadRequest(
                $"'{fields.PathOf("role")}' must be system, developer, user or assistant.", fields.PathOf("role"), "invalid_value")),
        };
        return new ChatMessage(role, MessageContent.Read(fields.Required("content"), fields.PathOf("content")));
    }

    private static ChatToolCall ReadCall(JsonFields fields) => new(
        MessageField.ReadId(fields, "call_id"),
        ToolFields.CheckName(JsonFields.Text(fields.Required("name"), fields.PathOf("name")), fields.PathOf("name")),
        MessageField.ParseArguments(JsonFields.Text(fields.Required("arguments"), fields.PathOf("arguments")), fields.PathOf("arguments")));

    /// <summary>The items of one turn of the assistant are one message to the model.</summary>
    private static void AddCall(List<ChatMessage> messages, ChatToolCall call)
    {
        if (messages is [.., { Role: "assistant" } last])
        {
            messages[^1] = last with { ToolCalls = last.ToolCalls.Add(call) };
        }
        else
        {
            messages.Add(new ChatMessage("assistant", "") { ToolCalls = [call] });
        }
    }

    private static ChatMessage ReadOutput(JsonFields fields, List<ChatMessage> before)
    {
        var id = MessageField.ReadId(fields, "call_id");
        return before.Exists(message => message.ToolCalls.Any(call => call.Id == id))
            ? new ChatMessage("tool", MessageContent.Read(fields.Required("output"), fields.PathOf("output"))) { ToolCallId = id }
            : throw new OpenAiException(OpenAiError.BadRequest(
                $"'{fields.PathOf("call_id")}' must be that of a function_call item before it; this server keeps no earlier ones.",
                fields.PathOf("call_id"),
                "invalid_value"));
    }
}
