using System.Text.Json;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>Finds the message in the errors of OpenAI-compatible servers.</summary>
internal static class ServerErrors
{
    private const int LengthMax = 200;

    /// <summary>The message of an <c>error</c> value, be it an object or a string.</summary>
    public static string Message(JsonElement error) => Shorten(
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
            ? message.GetString()!
            : error.ToString());

    /// <summary>Status and message of an error response.</summary>
    public static string Message(int status, string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out var error)
                ? $"{status}: {Message(error)}"
                : $"{status}";
        }
        catch (JsonException)
        {
            return $"{status}";
        }
    }

    private static string Shorten(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= LengthMax ? line : line[..LengthMax] + "…";
    }
}
