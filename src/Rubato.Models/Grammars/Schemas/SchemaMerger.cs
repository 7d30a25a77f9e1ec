using System.Collections.Immutable;
using System.Text.Json;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>The facts of two schemas that must both hold.</summary>
internal static class SchemaMerger
{
    public static SchemaFacts Merge(SchemaFacts a, SchemaFacts b) => a.IsTrivial ? b with { Path = a.Path } : b.IsTrivial ? a : a with
    {
        Types = a.Types & b.Types,
        NamesTypes = a.NamesTypes || b.NamesTypes,
        Mentioned = a.Mentioned | b.Mentioned,
        Values = MergeValues(a.Values, b.Values),
        Min = Tighter(a.Min, b.Min, higher: true),
        Max = Tighter(a.Max, b.Max, higher: false),
        LengthMin = Math.Max(a.LengthMin, b.LengthMin),
        LengthMax = Least(a.LengthMax, b.LengthMax),
        Pattern = MergePatterns(a, b),
        PrefixItems = MergePrefixes(a, b),
        Items = Both(a.Items, b.Items),
        ItemsMin = Math.Max(a.ItemsMin, b.ItemsMin),
        ItemsMax = Least(a.ItemsMax, b.ItemsMax),
        Properties = MergeProperties(a, b),
        DeclaresMembers = a.DeclaresMembers || b.DeclaresMembers,
        Required = [.. a.Required.Union(b.Required)],
        Additional = Both(a.Additional, b.Additional),
        PropertiesMin = Math.Max(a.PropertiesMin, b.PropertiesMin),
        PropertiesMax = Least(a.PropertiesMax, b.PropertiesMax),
    };

    private static ImmutableArray<JsonElement> MergeValues(ImmutableArray<JsonElement> a, ImmutableArray<JsonElement> b) =>
        a.IsDefault ? b : b.IsDefault ? a : [.. a.IntersectBy(b.Select(SchemaValues.KeyOf), SchemaValues.KeyOf)];

    private static (decimal, bool)? Tighter((decimal Value, bool IsExclusive)? a, (decimal Value, bool IsExclusive)? b, bool higher)
    {
        if (a is not { } x || b is not { } y)
        {
            return a ?? b;
        }

        return x.Value == y.Value ? (x.Value, x.IsExclusive || y.IsExclusive) : x.Value > y.Value == higher ? x : y;
    }

    private static int? Least(int? a, int? b) => a is { } x && b is { } y ? Math.Min(x, y) : a ?? b;

    private static (string, Patterns.Pattern)? MergePatterns(SchemaFacts a, SchemaFacts b)
    {
        if (a.Pattern is { } x && b.Pattern is { } y && x.Source != y.Source)
        {
            throw new SchemaException(b.Path, $"'{b.Path}': two patterns or formats for one string are not supported.");
        }

        return a.Pattern ?? b.Pattern;
    }

    private static ImmutableArray<ImmutableArray<SchemaPart>> MergePrefixes(SchemaFacts a, SchemaFacts b) =>
        [.. Enumerable.Range(0, Math.Max(a.PrefixItems.Length, b.PrefixItems.Length)).Select(i => Both(ItemAt(a, i), ItemAt(b, i)) is { IsDefault: false } both ? both : [])];

    private static ImmutableArray<SchemaPart> ItemAt(SchemaFacts facts, int index) =>
        index < facts.PrefixItems.Length ? facts.PrefixItems[index] : facts.Items;

    private static ImmutableArray<(string, ImmutableArray<SchemaPart>)> MergeProperties(SchemaFacts a, SchemaFacts b)
    {
        // A member that only one schema declares must satisfy what the other says of members that it does not.
        var merged = new OrderedDictionary<string, ImmutableArray<SchemaPart>>(StringComparer.Ordinal);
        var others = new Dictionary<string, ImmutableArray<SchemaPart>>(StringComparer.Ordinal);
        foreach (var (name, schemas) in b.Properties)
        {
            others.TryAdd(name, schemas);
        }

        foreach (var (name, schemas) in a.Properties)
        {
            merged[name] = Both(schemas, others.TryGetValue(name, out var other) ? other : b.Additional);
        }

        foreach (var (name, schemas) in b.Properties)
        {
            if (!merged.ContainsKey(name))
            {
                merged.Add(name, Both(a.Additional, schemas));
            }
        }

        return [.. merged.Select(entry => (entry.Key, entry.Value))];
    }

    private static ImmutableArray<SchemaPart> Both(ImmutableArray<SchemaPart> a, ImmutableArray<SchemaPart> b) =>
        a.IsDefault ? b : b.IsDefault ? a : [.. a, .. b];
}
