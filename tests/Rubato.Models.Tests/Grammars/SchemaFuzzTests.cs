using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rubato.Core;
using Rubato.Models.Grammars;

namespace Rubato.Models.Tests.Grammars;

/// <summary>Damaged schemas: one clear refusal, or a grammar that can be followed, and either soon.</summary>
public sealed class SchemaFuzzTests
{
    private static readonly string[] Keywords =
    [
        "type", "enum", "const", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems", "anyOf", "oneOf", "allOf", "$ref",
        "pattern", "format", "minLength", "maxLength", "minimum", "exclusiveMaximum", "multipleOf", "not", "uniqueItems", "nullable", "minProperties",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "-1", "0", "3", "1e99", "1e999", "0.5", "\"\"", "\"#\"", "\"#/$defs/d0\"", "\"string\"", "\"object\"", "\"^(a|b)*c{2,}$\"", "\"[\"", "\"date\"", "[]", "{}",
        "[\"string\",\"null\"]", "[{}]", "[{\"$ref\":\"#\"}]", "{\"$ref\":\"#\"}", "{\"type\":\"integer\"}", "[1,\"a\"]", "\"half a pair\"",
    ];

    [Fact]
    public void DamagedSchemas_AreRefused_OrFollowed()
    {
        var (refused, followed) = (0, 0);
        for (var i = 0; i < FuzzScale.Times(600); i++)
        {
            var random = new Prng(12).Split((ulong)i);
            var schema = Damage(new RandomSchema(random.Split("schema")).Next(), random);
            var vocabulary = new RandomVocabulary(random.Split("vocabulary"), pieces: 10);
            var watch = Stopwatch.StartNew();
            try
            {
                var grammar = new GrammarFactory(vocabulary).JsonSchema(schema, "schema");
                _ = new RandomModel(vocabulary, random).Write(grammar, 20);
                followed++;
            }
            catch (SchemaException error)
            {
                refused++;
                Assert.DoesNotContain('\n', error.Message);
                Assert.StartsWith("schema", error.Path);
            }

            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{schema} took {watch.Elapsed}");
        }

        Assert.True(refused > FuzzScale.Times(60) && followed > FuzzScale.Times(60), $"{refused} refused, {followed} followed");
    }

    private static JsonElement Damage(JsonElement schema, Prng random)
    {
        var root = JsonNode.Parse(schema.GetRawText())!;
        for (var i = 1 + random.NextInt32(3); i > 0; i--)
        {
            var objects = Objects(root).ToArray();
            var target = objects[random.NextInt32(objects.Length)];
            var value = JsonNode.Parse(Values[random.NextInt32(Values.Length)]);
            var name = random.Chance(1, 3) && target.Count > 0 ? target.ElementAt(random.NextInt32(target.Count)).Key : Keywords[random.NextInt32(Keywords.Length)];
            target[name] = value;
        }

        return JsonDocument.Parse(root.ToJsonString().Replace("half a pair", "\\ud800", StringComparison.Ordinal)).RootElement;
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(member => Objects(member.Value)).Prepend(map),
        JsonArray list => list.SelectMany(Objects),
        _ => [],
    };
}
