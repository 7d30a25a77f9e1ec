using System.Text.Json;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>Fields that OpenAI's API knows and that would change the answer, but that this server does not implement: refused, never ignored.</summary>
internal static class UnsupportedFields
{
    private static readonly string[] AnyValue =
        ["functions", "function_call", "audio", "prediction", "web_search_options", "suffix"];

    /// <exception cref="OpenAiException">Such a field has a value with an effect.</exception>
    public static void Refuse(JsonFields fields, bool isChat)
    {
        foreach (var name in AnyValue)
        {
            if (fields.Optional(name) is { } value && !IsEmpty(value))
            {
                throw Refusal(name);
            }
        }

        if (fields.OptionalBoolean("echo"))
        {
            throw Refusal("echo");
        }

        if (fields.OptionalInteger("best_of", 1, int.MaxValue) > 1)
        {
            throw Refusal("best_of");
        }

        if (!isChat)
        {
            RefuseTools(fields);
            RefuseResponseFormat(fields);
        }

        RefuseModalities(fields);
    }

    private static void RefuseTools(JsonFields fields)
    {
        if (fields.Optional("tools") is { } tools && !IsEmpty(tools))
        {
            throw Refusal("tools");
        }

        if (fields.Optional("tool_choice") is { } choice
            && !(choice.ValueKind == JsonValueKind.String && (choice.ValueEquals("none"u8) || choice.ValueEquals("auto"u8))))
        {
            throw Refusal("tool_choice");
        }
    }

    private static void RefuseResponseFormat(JsonFields fields)
    {
        if (fields.Optional("response_format") is not { } format)
        {
            return;
        }

        if (format.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType("response_format", "an object", format);
        }

        if (new JsonFields(format, "response_format").OptionalString("type") != "text")
        {
            throw Refusal("response_format");
        }
    }

    private static void RefuseModalities(JsonFields fields)
    {
        if (fields.Optional("modalities") is not { } modalities)
        {
            return;
        }

        if (JsonFields.Array(modalities, "modalities", 8).EnumerateArray().Any(kind => JsonFields.Text(kind, "modalities") != "text"))
        {
            throw Refusal("modalities");
        }
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.String => value.ValueEquals(""u8),
        _ => false,
    };

    private static OpenAiException Refusal(string name) => new(OpenAiError.Unsupported(name, $"'{name}' would change the answer."));
}
