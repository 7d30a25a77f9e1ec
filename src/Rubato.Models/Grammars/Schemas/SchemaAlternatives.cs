using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>Takes schemas that hold together apart: references and allOf are followed, anyOf and oneOf become alternatives.</summary>
internal sealed class SchemaAlternatives(SchemaReader reader, SchemaReferences references, GrammarLimits limits, GrammarWork work)
{
    private static readonly string[] Annotations =
    [
        "$ref", "title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "$comment", "$defs", "definitions",
        "$schema", "$id",
    ];

    private readonly Dictionary<string, SchemaFacts> _common = new(StringComparer.Ordinal);
    private int _visited;

    /// <summary>The schema itself, or where it points to if it does nothing else.</summary>
    public SchemaPart Follow(SchemaPart part)
    {
        for (var steps = 0; IsReference(part); steps++)
        {
            if (steps > limits.SchemaDepth)
            {
                throw Circular(part);
            }

            Visit(part);
            part = references.Resolve(part);
        }

        return part;
    }

    /// <summary>Whether the schema is a reference and nothing else.</summary>
    public static bool IsReference(SchemaPart part) => part.Element.ValueKind == JsonValueKind.Object && part.Element.TryGetProperty("$ref", out _)
        && part.Element.EnumerateObject().All(member => Annotations.Contains(member.Name));

    /// <summary>
    /// The schemas as one anyOf of facts without alternatives. <paramref name="asIs"/> is set instead when the schemas say nothing but an
    /// anyOf or oneOf: its items.
    /// </summary>
    public ImmutableArray<SchemaFacts> Expand(ImmutableArray<SchemaPart> parts, out ImmutableArray<SchemaPart> asIs)
    {
        var (facts, choices) = Collect(parts, []);
        asIs = facts.IsTrivial && choices is [var only] ? only : default;
        return asIs.IsDefault ? Product(facts, choices, 0) : [];
    }

    /// <summary>The facts that hold in every alternative.</summary>
    public SchemaFacts Common(ImmutableArray<SchemaPart> parts)
    {
        if (parts is not [var only])
        {
            return Collect(parts, []).Facts;
        }

        if (!_common.TryGetValue(only.Path, out var facts))
        {
            facts = Collect(parts, []).Facts;
            _common.Add(only.Path, facts);
        }

        return facts;
    }

    private ImmutableArray<SchemaFacts> Product(SchemaFacts facts, List<ImmutableArray<SchemaPart>> choices, int depth)
    {
        if (choices.Count == 0)
        {
            return [facts];
        }

        if (depth > limits.SchemaDepth)
        {
            throw new SchemaException(facts.Path, $"'{facts.Path}' has alternatives inside each other deeper than {limits.SchemaDepth}, or refers to itself with nothing in between.");
        }

        var all = ImmutableArray.CreateBuilder<SchemaFacts>();
        foreach (var item in choices[0])
        {
            var (own, further) = Collect([item], []);
            all.AddRange(Product(Merge(facts, own), [.. further, .. choices.Skip(1)], depth + 1));
            if (all.Count > limits.Alternatives)
            {
                throw new SchemaException(facts.Path, $"'{facts.Path}' comes to more than {limits.Alternatives} alternatives.");
            }
        }

        return all.ToImmutable();
    }

    private (SchemaFacts Facts, List<ImmutableArray<SchemaPart>> Choices) Collect(ImmutableArray<SchemaPart> parts, ImmutableHashSet<string> open)
    {
        var facts = new SchemaFacts { Path = parts.IsEmpty ? "" : parts[0].Path };
        var choices = new List<ImmutableArray<SchemaPart>>();
        foreach (var part in parts)
        {
            Collect(part, open, ref facts, choices);
        }

        return (facts, choices);
    }

    private void Collect(SchemaPart part, ImmutableHashSet<string> open, ref SchemaFacts facts, List<ImmutableArray<SchemaPart>> choices)
    {
        if (open.Contains(part.Path) || open.Count > limits.SchemaDepth)
        {
            throw Circular(part);
        }

        Visit(part);
        facts = Merge(facts, reader.Read(part));
        if (part.Element.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var inner = open.Add(part.Path);
        if (part.Element.TryGetProperty("$ref", out _))
        {
            Collect(references.Resolve(part), inner, ref facts, choices);
        }

        foreach (var item in List(part, "allOf"))
        {
            Collect(item, inner, ref facts, choices);
        }

        foreach (var keyword in new[] { "anyOf", "oneOf" })
        {
            if (part.Element.TryGetProperty(keyword, out _))
            {
                var items = List(part, keyword);
                if (keyword == "oneOf")
                {
                    CheckApart(part, facts, items);
                }

                choices.Add(items);
            }
        }
    }

    /// <summary>Of oneOf's items exactly one must hold: those written must be told apart by type, by values, or by required members.</summary>
    private void CheckApart(SchemaPart part, SchemaFacts around, ImmutableArray<SchemaPart> items)
    {
        if (items.Length > limits.Alternatives)
        {
            throw new SchemaException($"{part.Path}.oneOf", $"'{part.Path}.oneOf' has more than {limits.Alternatives} items.");
        }

        var facts = items.Select(item => Leaves(around, item)).ToArray();
        var distinction = new SchemaDistinction(this);
        for (var i = 0; i < facts.Length; i++)
        {
            for (var j = 0; j < facts.Length; j++)
            {
                work.SpendOnSchema(PairUnits(facts[i], facts[j]), part.Path);
                if (i != j && !facts[i].All(a => facts[j].All(b => distinction.CannotHold(a, b))))
                {
                    throw new SchemaException(
                        $"{part.Path}.oneOf",
                        $"'{part.Path}.oneOf': items {Math.Min(i, j)} and {Math.Max(i, j)} may hold for the same value; use anyOf, or give each a 'const' member.");
                }
            }
        }
    }

    /// <summary>What telling two items apart may cost: the required names of each are looked for among the members of the other.</summary>
    private static long PairUnits(ImmutableArray<SchemaFacts> a, ImmutableArray<SchemaFacts> b) => a.Sum(x => b.Sum(y =>
        1 + (((x.Required.Length + y.Required.Length) * (long)(x.Properties.Length + y.Properties.Length)) / 8) + ((ValueBytes(x) + ValueBytes(y)) / 4)));

    private ImmutableArray<SchemaFacts> Leaves(SchemaFacts around, SchemaPart item)
    {
        var (facts, choices) = Collect([item], []);
        return Product(Merge(around, facts), choices, 0);
    }

    private static ImmutableArray<SchemaPart> List(SchemaPart part, string keyword)
    {
        if (!part.Element.TryGetProperty(keyword, out var list))
        {
            return [];
        }

        var path = $"{part.Path}.{keyword}";
        return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? [.. list.EnumerateArray().Select((item, i) => new SchemaPart(item, $"{path}[{i}]"))]
            : throw new SchemaException(path, $"'{path}' must be an array of at least one schema.");
    }

    private SchemaFacts Merge(SchemaFacts a, SchemaFacts b)
    {
        if (!a.IsTrivial && !b.IsTrivial)
        {
            work.SpendOnSchema(a.Size + b.Size + ValueBytes(a) + ValueBytes(b), a.Path);
        }

        return SchemaMerger.Merge(a, b);
    }

    /// <summary>Values are compared by their text.</summary>
    private static long ValueBytes(SchemaFacts facts) =>
        facts.Values.IsDefault ? 0 : facts.Values.Sum(value => (long)JsonMarshal.GetRawUtf8Value(value).Length) / 16;

    private void Visit(SchemaPart part)
    {
        // Looking for a keyword passes all others, and a path is copied into those below it.
        work.SpendOnSchema(1 + (JsonMarshal.GetRawUtf8Value(part.Element).Length / 64) + (part.Path.Length / 32), part.Path);
        if (++_visited > limits.Subschemas)
        {
            throw new SchemaException(part.Path, $"'{part.Path}': the schema comes to more than {limits.Subschemas} subschemas; make it smaller.");
        }
    }

    private static SchemaException Circular(SchemaPart part) => new(part.Path, $"'{part.Path}' refers to itself with nothing in between.");
}
