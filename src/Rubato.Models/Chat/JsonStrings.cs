using System.Text.Encodings.Web;
using System.Text.Json;
using Rubato.Core;

namespace Rubato.Models.Chat;

/// <summary>Changes the strings and member names inside a JSON value.</summary>
internal static class JsonStrings
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="InvalidFormatException">A string holds half of a surrogate pair.</exception>
    public static JsonElement Map(JsonElement value, Func<string, string> change)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Relaxed))
        {
            try
            {
                Write(writer, value, change);
            }
            catch (Exception error) when (error is InvalidOperationException or ArgumentException)
            {
                throw new InvalidFormatException("A function's schema or arguments hold half of a surrogate pair.");
            }
        }

        return JsonDocument.Parse(stream.ToArray(), new() { MaxDepth = 256 }).RootElement;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, Func<string, string> change)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(change(member.Name));
                    Write(writer, member.Value, change);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item, change);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(change(value.GetString()!));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
