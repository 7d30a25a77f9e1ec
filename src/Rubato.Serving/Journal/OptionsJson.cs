using System.Text.Json;
using System.Text.Json.Serialization;
using Rubato.Core;

namespace Rubato.Serving.Journal;

/// <summary>Option records as JSON objects: strict, so that no option is lost in silence.</summary>
internal static class OptionsJson
{
    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        IgnoreReadOnlyProperties = true,
        MaxDepth = 8,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public static void Write<T>(Utf8JsonWriter writer, string name, T options)
    {
        writer.WritePropertyName(name);
        JsonSerializer.Serialize(writer, options, Strict);
    }

    /// <exception cref="InvalidFormatException">The object has an unknown property, or a value of the wrong kind.</exception>
    public static T Read<T>(JsonElement element, string name, string place)
    {
        try
        {
            return element.Deserialize<T>(Strict) ?? throw new InvalidFormatException($"{place}: '{name}' is null.");
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException or InvalidOperationException)
        {
            var path = failure is JsonException { Path: { } at } ? at : "$";
            throw new InvalidFormatException($"{place}: '{name}' at {MessageText.OneLine(path)} has an unknown property or a value of the wrong kind.", failure);
        }
    }
}
