using System.Text.Json;

namespace Rubato.Serving.Journal;

/// <summary>The names of an enum's members in a journal: camelCase.</summary>
internal static class EnumNames<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> Names =
        Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));

    private static readonly Dictionary<string, T> Values = Names.ToDictionary(pair => pair.Value, pair => pair.Key);

    public static IEnumerable<string> All => Values.Keys;

    public static string NameOf(T value) => Names[value];

    public static bool TryParse(string name, out T value) => Values.TryGetValue(name, out value);
}
