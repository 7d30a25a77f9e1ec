using System.Text.Json;
using Rubato.Core;

namespace Rubato.Simulation.Serving.Profiles;

/// <summary>Reads one JSON object of a profile: every field by name, in its range, and none that nobody asked for.</summary>
internal sealed class ProfileObject
{
    private const int TextMax = 1000;
    private readonly string _place;
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = [];

    public ProfileObject(JsonElement element, string place)
    {
        _place = place;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidFormatException($"{place}: it is {Kind(element)}; it must be an object.");
        }

        foreach (var field in element.EnumerateObject())
        {
            if (!_fields.TryAdd(field.Name, field.Value))
            {
                throw new InvalidFormatException($"{place}: '{Short(field.Name)}' is there twice.");
            }
        }
    }

    public ProfileObject Child(string name) => new(Field(name), $"{_place}: {name}");

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>; <paramref name="fallback"/> when it is not there.</summary>
    public double Number(string name, double low, double high, double? fallback = null)
    {
        if (fallback is { } value && !_fields.ContainsKey(name))
        {
            return value;
        }

        var field = Field(name);
        if (field.ValueKind != JsonValueKind.Number || !field.TryGetDouble(out var number))
        {
            throw new InvalidFormatException($"{_place}: {name} is {Kind(field)}; it must be a number.");
        }

        return number >= low && number <= high
            ? number
            : throw new InvalidFormatException(FormattableString.Invariant($"{_place}: {name} is {number}; it must be in {low}…{high}."));
    }

    public int Whole(string name, int low, int high, int? fallback = null)
    {
        var number = Number(name, low, high, fallback);
        return number == Math.Floor(number)
            ? (int)number
            : throw new InvalidFormatException(FormattableString.Invariant($"{_place}: {name} is {number}; it must be a whole number."));
    }

    public string Text(string name)
    {
        var field = Field(name);
        var text = field.ValueKind == JsonValueKind.String ? field.GetString() : null;
        return text is { Length: > 0 and <= TextMax } && !text.Any(char.IsControl)
            ? text
            : throw new InvalidFormatException($"{_place}: {name} must be a text of 1…{TextMax} characters on one line.");
    }

    /// <summary>All fields as texts.</summary>
    public SortedDictionary<string, string> Texts()
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in _fields.Keys)
        {
            texts.Add(name, Text(name));
        }

        return texts;
    }

    /// <summary>Refuses fields that were not read.</summary>
    public void End()
    {
        if (_fields.Keys.FirstOrDefault(name => !_read.Contains(name)) is { } unknown)
        {
            throw new InvalidFormatException($"{_place}: there is no field '{Short(unknown)}'; those that are: {string.Join(", ", _read.Order(StringComparer.Ordinal))}.");
        }
    }

    private JsonElement Field(string name)
    {
        _read.Add(name);
        return _fields.TryGetValue(name, out var field) ? field : throw new InvalidFormatException($"{_place}: {name} is missing.");
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number beyond all bounds",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private static string Short(string name)
    {
        var clean = new string([.. name.Take(40).Select(unit => char.IsControl(unit) || char.IsSurrogate(unit) ? '?' : unit)]);
        return name.Length > 40 ? clean + "…" : clean;
    }
}
