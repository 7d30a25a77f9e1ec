using System.Text.Json;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>Fields that OpenAI's API or other servers know and that would change the answer, but that this server does not implement: refused, never ignored.</summary>
internal static class UnsupportedFields
{
    private static readonly string[] AnyValue =
        ["functions", "function_call", "audio", "prediction", "web_search_options", "suffix"];

    /// <summary>Names that other servers give to constraints.</summary>
    private static readonly string[] Constraints =
        ["grammar", "json_schema", "guided_json", "guided_regex", "guided_choice", "guided_grammar", "structured_outputs"];

    /// <exception cref="OpenAiException">Such a field has a value with an effect.</exception>
    public static void Refuse(JsonFields fields, RequestForms forms)
    {
        foreach (var name in AnyValue)
        {
            if (fields.Optional(name) is { } value && !IsEmpty(value))
            {
                throw Refusal(name);
            }
        }

        foreach (var name in Constraints)
        {
            // An empty object is a schema, so only null asks for nothing.
            if (fields.Optional(name) is { ValueKind: not JsonValueKind.False })
            {
                throw new OpenAiException(OpenAiError.Unsupported(name, $"'{name}' would change the answer; a JSON schema goes into 'response_format'."));
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

        if (!forms.HasFlag(RequestForms.Tools))
        {
            RefuseTools(fields);
        }

        if (!forms.HasFlag(RequestForms.ResponseFormat))
        {
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
