using System.Text.Json;
using Rubato.Hosting.Engine;
using Rubato.Serving;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>Finish reasons in OpenAI's words.</summary>
internal static class FinishReasons
{
    public static void Write(Utf8JsonWriter json, GenerationEnd? end, bool hasCalls = false)
    {
        json.WritePropertyName("finish_reason"u8);
        switch (end?.Reason)
        {
            case null:
                json.WriteNullValue();
                break;
            case FinishReason.Length:
                json.WriteStringValue("length"u8);
                break;
            default:
                json.WriteStringValue(hasCalls ? "tool_calls"u8 : "stop"u8);
                break;
        }
    }
}
