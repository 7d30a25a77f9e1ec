using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Rubato.Models.Grammars.Expressions;
using Rubato.Models.Grammars.Json;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>Turns a JSON schema into a grammar of JSON texts, each of which the schema accepts.</summary>
/// <remarks>
/// The grammar may be narrower than the schema, never wider: members come in the order of the schema, members that no keyword speaks of
/// are left out, numbers have bounded digits, formats are written in their common form.
/// </remarks>
internal sealed class JsonSchemaCompiler
{
    /// <summary>Characters that all declared names of an object may have together when others are allowed beside them.</summary>
    private const int ExcludedNamesMax = 4096;

    /// <summary>Units of work for each of these: after it, any other character may follow.</summary>
    private const int ExcludedCharacterUnits = 64;

    private static readonly string[] Holders =
        ["$ref", "allOf", "anyOf", "oneOf", "properties", "additionalProperties", "items", "prefixItems", "additionalItems"];

    private readonly SchemaAlternatives _alternatives;
    private readonly GrammarWork _work;
    private readonly Dictionary<string, GrammarRule> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GrammarExpression> _leaves = new(StringComparer.Ordinal);
    private readonly Queue<(GrammarRule Rule, ImmutableArray<SchemaPart> Parts)> _pending = [];

    private JsonSchemaCompiler(SchemaPart root, GrammarLimits limits, GrammarWork work)
    {
        _work = work;
        _alternatives = new(new SchemaReader(limits, work), new SchemaReferences(root), limits, work);
    }

    /// <summary>The grammar of one schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="path">Its name in messages.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="work">Counts what it costs, together with other schemas of the request.</param>
    /// <exception cref="SchemaException">The schema is malformed, not supported or too large.</exception>
    public static GrammarExpression Compile(JsonElement schema, string path, GrammarLimits limits, GrammarWork work)
    {
        if (JsonMarshal.GetRawUtf8Value(schema).Length > limits.SchemaBytes)
        {
            throw new SchemaException(path, $"'{path}' is longer than {limits.SchemaBytes} bytes.");
        }

        try
        {
            return new JsonSchemaCompiler(new SchemaPart(schema, path), limits, work).Compile(new SchemaPart(schema, path));
        }
        catch (InvalidOperationException)
        {
            throw new SchemaException(path, $"'{path}' holds half of a surrogate pair.");
        }
    }

    private GrammarExpression Compile(SchemaPart root)
    {
        var expression = Write([root]);
        while (_pending.TryDequeue(out var next))
        {
            next.Rule.Body = WriteBody(next.Parts);
        }

        LeftRecursion.Refuse(_rules.Values);
        return expression;
    }

    /// <summary>Schemas that hold together. Those that hold others become rules, so that they may come to hold themselves.</summary>
    private GrammarExpression Write(ImmutableArray<SchemaPart> parts)
    {
        _work.SpendOnSchema(parts.Sum(part => 1L + (part.Path.Length / 32)), parts[0].Path);
        ImmutableArray<SchemaPart> found = [.. parts.Select(_alternatives.Follow).DistinctBy(part => part.Path)];
        var key = string.Join('\n', found.Select(part => part.Path).Order(StringComparer.Ordinal));
        if (_leaves.TryGetValue(key, out var leaf))
        {
            return leaf;
        }

        if (!_rules.ContainsKey(key) && !found.Any(HoldsSchemas))
        {
            leaf = WriteBody(found);
            _leaves.Add(key, leaf);
            return leaf;
        }

        if (!_rules.TryGetValue(key, out var rule))
        {
            rule = new GrammarRule(found[0].Path, nests: false);
            _rules.Add(key, rule);
            _pending.Enqueue((rule, found));
        }

        return new RuleExpression(rule);
    }

    private static bool HoldsSchemas(SchemaPart part) =>
        part.Element.ValueKind == JsonValueKind.Object && Holders.Any(keyword => part.Element.TryGetProperty(keyword, out _));

    private GrammarExpression WriteBody(ImmutableArray<SchemaPart> parts)
    {
        var facts = _alternatives.Expand(parts, out var asIs);
        return asIs.IsDefault
            ? GrammarExpression.Choice([.. facts.Select(WriteFacts)])
            : GrammarExpression.Choice([.. asIs.Select(item => Write([item]))]);
    }

    private GrammarExpression WriteFacts(SchemaFacts facts)
    {
        // What is written for one alternative: its members, its values, and some dozens of expressions for each pattern, number and name.
        _work.SpendOnSchema((8 * facts.Size) + 16, facts.Path);
        if (!facts.Values.IsDefault)
        {
            return SchemaValues.Write(facts);
        }

        if (facts.IsTrivial)
        {
            return JsonText.Value;
        }

        var items = new List<GrammarExpression>();
        Add(JsonTypes.Object, () => WriteObject(facts));
        Add(JsonTypes.Array, () => WriteArray(facts));
        Add(JsonTypes.String, () => SchemaStrings.Write(facts));
        Add(JsonTypes.Boolean, () => JsonText.Boolean);
        Add(JsonTypes.Null, () => JsonText.Null);
        if ((facts.Written & JsonTypes.Integer) != 0)
        {
            items.Add(SchemaNumbers.Write(facts));
        }

        return GrammarExpression.Choice([.. items]);

        void Add(JsonTypes type, Func<GrammarExpression> write)
        {
            if (facts.Written.HasFlag(type))
            {
                items.Add(write());
            }
        }
    }

    private GrammarExpression WriteArray(SchemaFacts facts)
    {
        // A tuple is written whole; more follows only where "items" speaks of it or a number of items asks for it.
        var prefix = facts.PrefixItems[..Math.Min(facts.PrefixItems.Length, facts.ItemsMax ?? int.MaxValue)];
        var isOpen = !facts.Items.IsDefault || facts.PrefixItems.IsEmpty || facts.ItemsMin > prefix.Length;
        var item = facts.Items.IsDefault ? JsonText.Value : Write(facts.Items);
        if (prefix.IsEmpty)
        {
            return facts.ItemsMin > (facts.ItemsMax ?? int.MaxValue)
                ? GrammarExpression.Never
                : JsonText.Array(JsonText.Items(item, facts.ItemsMin, facts.ItemsMax));
        }

        var parts = new List<GrammarExpression>();
        foreach (var (i, schemas) in prefix.Index())
        {
            parts.Add(i == 0 ? GrammarExpression.Empty : JsonText.Comma);
            parts.Add(Write(schemas));
        }

        var (min, max) = (Math.Max(0, facts.ItemsMin - prefix.Length), facts.ItemsMax - prefix.Length);
        if (min > (max ?? int.MaxValue))
        {
            return GrammarExpression.Never;
        }

        parts.Add(isOpen && max != 0 ? JsonText.Further(item, min, max) : GrammarExpression.Empty);
        parts.Add(JsonText.Space);
        return JsonText.Array(GrammarExpression.Sequence([.. parts]));
    }

    private GrammarExpression WriteObject(SchemaFacts facts)
    {
        var members = DeclaredMembers(facts);
        if (members is null)
        {
            return GrammarExpression.Never;
        }

        var additional = AdditionalMembers(facts);
        if (members.Count == 0)
        {
            return facts.PropertiesMin > (additional is null ? 0 : facts.PropertiesMax ?? int.MaxValue)
                ? GrammarExpression.Never
                : JsonText.Object(JsonText.Members(additional ?? GrammarExpression.Never, facts.PropertiesMin, additional is null ? 0 : facts.PropertiesMax));
        }

        var required = members.Count(member => member.IsRequired);
        if (facts.PropertiesMin > required || facts.PropertiesMax < (additional is null ? members.Count : int.MaxValue))
        {
            throw new SchemaException(facts.Path, $"'{facts.Path}': 'minProperties' and 'maxProperties' beside 'properties' are not supported; leave them out.");
        }

        return JsonText.Object(new MemberListExpression(members, additional).Write());
    }

    /// <summary>The members that are declared or required, in order; null when a required one can never be.</summary>
    private List<DeclaredMember>? DeclaredMembers(SchemaFacts facts)
    {
        var members = new List<DeclaredMember>();
        var required = facts.Required.ToHashSet(StringComparer.Ordinal);
        var declared = facts.Properties.Select(property => property.Name).ToHashSet(StringComparer.Ordinal);
        var undeclared = facts.Required.Where(name => !declared.Contains(name))
            .Select(name => (name, facts.Additional.IsDefault ? [] : facts.Additional));
        foreach (var (name, schemas) in facts.Properties.Concat(undeclared))
        {
            var isRequired = required.Contains(name);
            var isNever = schemas.Any(part => part.Element.ValueKind == JsonValueKind.False);
            if (!isNever)
            {
                var value = schemas.IsEmpty ? JsonText.Value : Write(schemas);
                members.Add(new(JsonText.Pair(JsonText.Literal(name), value), isRequired));
            }
            else if (isRequired)
            {
                return null;
            }
        }

        return members;
    }

    /// <summary>One member that is not declared; null when there is none.</summary>
    private GrammarExpression? AdditionalMembers(SchemaFacts facts)
    {
        if (facts.Additional.IsDefault)
        {
            // An object of which nothing is declared may hold anything; else only what is declared is written.
            return !facts.DeclaresMembers && facts.Required.IsEmpty ? JsonText.Pair(JsonText.AnyString, JsonText.Value) : null;
        }

        if (facts.Additional.Any(part => part.Element.ValueKind == JsonValueKind.False))
        {
            return null;
        }

        string[] names = [.. facts.Properties.Select(property => property.Name).Concat(facts.Required)];
        var characters = names.Sum(name => (long)name.Length);
        _work.SpendOnSchema(ExcludedCharacterUnits * characters, facts.Path);
        if (characters > ExcludedNamesMax)
        {
            throw new SchemaException(facts.Path, $"'{facts.Path}': 'additionalProperties' beside more than {ExcludedNamesMax} characters of names is not supported.");
        }

        var key = names.Length == 0 ? JsonText.AnyString : NameExpression.Except(names);
        return JsonText.Pair(key, Write(facts.Additional));
    }
}
