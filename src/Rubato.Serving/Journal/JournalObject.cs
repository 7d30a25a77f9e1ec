using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Rubato.Core;

namespace Rubato.Serving.Journal;

/// <summary>A JSON object of a journal, read strictly: every property must be there with the right type, and no other.</summary>
/// <param name="element">The object.</param>
/// <param name="place">The file and line for messages.</param>
internal readonly struct JournalObject(JsonElement element, string place)
{
    public string Text(string property) =>
        Get(property, JsonValueKind.String, "a string").GetString()!;

    public bool Flag(string property) => Get(property) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value
        ? value.GetBoolean()
        : throw Wrong(property, "true or false");

    public T Integer<T>(string property)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> => ToInteger<T>(Get(property), property);

    public double Number(string property) =>
        Get(property, JsonValueKind.Number, "a number").TryGetDouble(out var value) && double.IsFinite(value)
            ? value
            : throw Wrong(property, "a finite number");

    public T Name<T>(string property)
        where T : struct, Enum =>
        EnumNames<T>.TryParse(Text(property), out var value)
            ? value
            : throw Wrong(property, $"one of {string.Join(", ", EnumNames<T>.All)}");

    public bool Has(string property) => element.TryGetProperty(property, out _);

    public JournalObject Object(string property) => new(Get(property, JsonValueKind.Object, "an object"), place);

    public JsonElement Raw(string property) => Get(property, JsonValueKind.Object, "an object");

    public ImmutableArray<int> Integers(string property)
    {
        var array = Get(property, JsonValueKind.Array, "an array");
        var values = ImmutableArray.CreateBuilder<int>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
        {
            values.Add(ToInteger<int>(item, property));
        }

        return values.MoveToImmutable();
    }

    public IEnumerable<JournalObject> Objects(string property)
    {
        foreach (var item in Get(property, JsonValueKind.Array, "an array").EnumerateArray())
        {
            yield return item.ValueKind == JsonValueKind.Object ? new(item, place) : throw Wrong(property, "an array of objects");
        }
    }

    /// <summary>Refuses properties that nobody reads: they would be lost in silence.</summary>
    public void Allow(params ReadOnlySpan<string> properties)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (!properties.Contains(property.Name))
            {
                throw new InvalidFormatException(
                    $"{place}: '{MessageText.OneLine(property.Name)}' is not known here; allowed are {string.Join(", ", properties!)}.");
            }
        }
    }

    public InvalidFormatException Wrong(string property, string rule) => new($"{place}: '{property}' must be {rule}.");

    private T ToInteger<T>(JsonElement value, string property)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> =>
        value.ValueKind == JsonValueKind.Number && T.TryParse(JsonMarshal.GetRawUtf8Value(value), null, out var integer)
            ? integer
            : throw Wrong(property, $"a whole number in {T.MinValue}…{T.MaxValue}");

    private JsonElement Get(string property, JsonValueKind kind, string rule) =>
        Get(property) is var value && value.ValueKind == kind ? value : throw Wrong(property, rule);

    private JsonElement Get(string property) =>
        element.TryGetProperty(property, out var value) ? value : throw new InvalidFormatException($"{place}: '{property}' is missing.");
}
