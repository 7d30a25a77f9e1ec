using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Models.Grammars.Patterns;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>What one or several schemas that hold together say of a value, without their alternatives.</summary>
internal sealed record SchemaFacts
{
    /// <summary>No value at all.</summary>
    public static SchemaFacts Never { get; } = new() { Types = JsonTypes.None };

    public JsonTypes Types { get; init; } = JsonTypes.All;

    /// <summary>Whether a schema named types; else they are guessed from the keywords.</summary>
    public bool NamesTypes { get; init; }

    /// <summary>The types that the other keywords are about.</summary>
    public JsonTypes Mentioned { get; init; }

    /// <summary>The values that are allowed; default for any.</summary>
    public ImmutableArray<JsonElement> Values { get; init; }

    public (decimal Value, bool IsExclusive)? Min { get; init; }

    public (decimal Value, bool IsExclusive)? Max { get; init; }

    public int LengthMin { get; init; }

    public int? LengthMax { get; init; }

    /// <summary>The text of pattern or format, and what it matches.</summary>
    public (string Source, Pattern Pattern)? Pattern { get; init; }

    public ImmutableArray<ImmutableArray<SchemaPart>> PrefixItems { get; init; } = [];

    /// <summary>The schemas of further items; default when none says anything.</summary>
    public ImmutableArray<SchemaPart> Items { get; init; }

    public int ItemsMin { get; init; }

    public int? ItemsMax { get; init; }

    /// <summary>Declared members in order.</summary>
    public ImmutableArray<(string Name, ImmutableArray<SchemaPart> Schemas)> Properties { get; init; } = [];

    /// <summary>Whether a schema declares members, be it none.</summary>
    public bool DeclaresMembers { get; init; }

    public ImmutableArray<string> Required { get; init; } = [];

    /// <summary>The schemas of members that are not declared; default when none says anything.</summary>
    public ImmutableArray<SchemaPart> Additional { get; init; }

    public int PropertiesMin { get; init; }

    public int? PropertiesMax { get; init; }

    /// <summary>Where the facts come from, for messages.</summary>
    public string Path { get; init; } = "";

    /// <summary>Whether nothing is said.</summary>
    public bool IsTrivial => Types == JsonTypes.All && !NamesTypes && Values.IsDefault && Mentioned == JsonTypes.None;

    /// <summary>The types to write: those named, or those that the keywords are about, or all.</summary>
    public JsonTypes Written => NamesTypes || Mentioned == JsonTypes.None ? Types : Types & Mentioned;

    /// <summary>How much there is to merge or to write.</summary>
    public long Size => 1L + Properties.Sum(property => 1L + property.Schemas.Length) + Required.Length + (Values.IsDefault ? 0 : Values.Length)
        + PrefixItems.Sum(item => 1L + (item.IsDefault ? 0 : item.Length)) + (Items.IsDefault ? 0 : Items.Length) + (Additional.IsDefault ? 0 : Additional.Length);

    /// <summary>The schemas of a declared member; default when it is not declared.</summary>
    public ImmutableArray<SchemaPart> Property(string name)
    {
        foreach (var property in Properties)
        {
            if (property.Name == name)
            {
                return property.Schemas;
            }
        }

        return default;
    }

    /// <summary>Whether a schema forbids the member.</summary>
    public bool Forbids(string name) =>
        Property(name).IsDefault && !Additional.IsDefault && Additional.Any(part => part.Element.ValueKind == JsonValueKind.False);

    /// <summary>Whether an object written from these facts may have the member.</summary>
    public bool MayWrite(string name) => !Property(name).IsDefault || Required.Contains(name)
        || (!Additional.IsDefault && !Forbids(name)) || (!DeclaresMembers && Additional.IsDefault);
}
