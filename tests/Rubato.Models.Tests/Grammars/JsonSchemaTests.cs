using System.Diagnostics;
using System.Text.Json;
using Rubato.Models.Grammars;
using Rubato.Models.Grammars.Automata;
using Rubato.Models.Grammars.Schemas;

namespace Rubato.Models.Tests.Grammars;

/// <summary>Keywords one by one: what passes, what does not, what is refused and where.</summary>
public sealed class JsonSchemaTests
{
    private const string Tree =
        """{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"value":{"type":"integer"},"children":{"type":"array","items":{"$ref":"#/$defs/tree"}}},"required":["value"]}}}""";

    [Theory]
    [InlineData("{}", "{\"a\":[1,{\"b\":null}]}|1|\"x\"|[]|{}|-0.5e-3|\"\\ud83c\\udfb5\"|\"🎵\"", "|{|01|\"\n\"|[1,]|\"\\ud800\"|\"\\x\"|tru")]
    [InlineData("{\"type\":\"object\"}", "{}|{\"a\":1}| {\"a\": 1}", "1|[]|null|  {}")]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"string\"}},\"required\":[\"b\"]}", "{\"b\":\"x\"}|{\"a\":1,\"b\":\"\"}|{\n  \"a\": 1,\n  \"b\": \"\"\n}", "{}|{\"a\":1}|{\"b\":\"\",\"a\":1}|{\"b\":1}|{\"b\":\"\",\"c\":1}|{\"b\":\"\",}")]
    [InlineData("{\"properties\":{\"a\":{}},\"additionalProperties\":{\"type\":\"boolean\"}}", "{}|{\"a\":1}|{\"b\":true}|{\"a\":1,\"aa\":true,\"b\":false}", "{\"a\":1,\"a\":true}|{\"b\":1}|{\"\\u0061\":true}")]
    [InlineData("{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":2}", "{\"a\":1}|{\"a\":1,\"b\":2}", "{}|{\"a\":1,\"b\":2,\"c\":3}")]
    [InlineData("{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1,\"maxItems\":3}", "[1]|[1,2,3]|[1, 2]", "[]|[1,2,3,4]|[\"x\"]")]
    [InlineData("{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"string\"}],\"items\":{\"type\":\"null\"}}", "[1,\"x\"]|[1,\"x\",null,null]", "[]|[1]|[\"x\",1]|[1,\"x\",2]")]
    [InlineData("{\"enum\":[\"a\",1,null,{\"x\":[1]}]}", "\"a\"|1|null|{\"x\":[1]}", "\"b\"|2|{\"x\":[2]}")]
    [InlineData("{\"type\":\"string\",\"enum\":[\"a\",1]}", "\"a\"", "1")]
    [InlineData("{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}", "\"ab\"|\"äöü\"|\"\\u0041\\ud83c\\udfb5x\"|\"🎵🎵🎵\"", "\"a\"|\"abcd\"|\"\"")]
    [InlineData("{\"type\":\"integer\",\"minimum\":-5,\"maximum\":120}", "-5|0|7|120|99", "-6|121|1.0|00|-0|1200")]
    [InlineData("{\"type\":\"integer\",\"exclusiveMinimum\":0.5,\"exclusiveMaximum\":3}", "1|2", "0|3")]
    [InlineData("{\"type\":\"number\",\"minimum\":0,\"maximum\":1}", "0|1|0.5|0.0", "-0.1|1.1|2|1.0e1")]
    [InlineData("{\"type\":\"number\",\"exclusiveMinimum\":-1,\"exclusiveMaximum\":0}", "-0.5|-0.01", "-1|0|-1.5|-0.0|0.5")]
    [InlineData("{\"type\":[\"string\",\"null\"]}", "\"\"|null", "1")]
    [InlineData("{\"type\":\"string\",\"nullable\":true}", "\"\"|null", "1")]
    [InlineData("{\"type\":\"string\",\"format\":\"date\"}", "\"2026-11-24\"", "\"2026-02-30\"|\"2026-13-01\"|\"26-01-01\"")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"^a+$|^b\"}", "\"aaa\"|\"bcd\"", "\"ab\"|\"cb\"")]
    [InlineData("{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"null\"}}}]}", "1|{}|{\"x\":null}", "\"x\"|{\"x\":1}")]
    [InlineData("{\"oneOf\":[{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"a\"},\"n\":{\"type\":\"integer\"}},\"required\":[\"k\",\"n\"]},{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"b\"}},\"required\":[\"k\"]}]}", "{\"k\":\"a\",\"n\":1}|{\"k\":\"b\"}", "{\"k\":\"a\"}|{\"k\":\"b\",\"n\":1}")]
    [InlineData("{\"allOf\":[{\"properties\":{\"a\":{\"minimum\":0}}},{\"properties\":{\"a\":{\"type\":\"integer\",\"maximum\":9}},\"required\":[\"a\"]}],\"type\":\"object\"}", "{\"a\":0}|{\"a\":9}", "{}|{\"a\":10}|{\"a\":-1}")]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"}},\"anyOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}", "{\"a\":1}|{\"b\":1}|{\"a\":1,\"b\":2}", "{}")]
    [InlineData(Tree, "{\"value\":1}|{\"value\":1,\"children\":[{\"value\":2,\"children\":[]},{\"value\":3}]}", "{\"children\":[]}|{\"value\":1,\"children\":[1]}")]
    [InlineData("{\"type\":\"object\",\"properties\":{\"self\":{\"$ref\":\"#\",\"description\":\"x\",\"minProperties\":0}}}", "{}|{\"self\":{\"self\":{}}}", "{\"self\":1}")]
    public void Accepts_WhatTheSchemaAllows(string schema, string yes, string no)
    {
        var automaton = Automata.Of(schema);
        var validator = new SchemaValidator(JsonDocument.Parse(schema).RootElement);
        foreach (var text in yes.Split('|'))
        {
            Assert.True(Automata.Accepts(automaton, text), $"{text} is refused");
            Assert.True(validator.Accepts(JsonDocument.Parse(text).RootElement), $"{text} does not satisfy the schema");
        }

        Assert.All(no.Split('|'), text => Assert.False(Automata.Accepts(automaton, text), $"{text} is accepted"));
    }

    [Theory]
    [InlineData("{\"not\":{}}", "schema.not")]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"uniqueItems\":true}}}", "schema.properties.a.uniqueItems")]
    [InlineData("{\"type\":\"array\",\"items\":{\"if\":{}}}", "schema.items.if")]
    [InlineData("{\"type\":\"text\"}", "schema.type")]
    [InlineData("{\"type\":7}", "schema.type")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"(?=a)\"}", "schema.pattern")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"}", "schema.pattern")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"(((\"}", "schema.pattern")]
    [InlineData("{\"type\":\"string\",\"format\":\"color\"}", "schema.format")]
    [InlineData("{\"type\":\"string\",\"minLength\":-1}", "schema.minLength")]
    [InlineData("{\"type\":\"number\",\"minimum\":\"x\"}", "schema.minimum")]
    [InlineData("{\"type\":\"number\",\"minimum\":1e999}", "schema.minimum")]
    [InlineData("{\"type\":\"integer\",\"multipleOf\":3}", "schema.multipleOf")]
    [InlineData("{\"$ref\":\"#/$defs/no\"}", "schema.$ref")]
    [InlineData("{\"$ref\":\"https://example.com/x.json\"}", "schema.$ref")]
    [InlineData("{\"$ref\":\"#\"}", "schema")]
    [InlineData("{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"string\"}]}", "schema")]
    [InlineData("{\"allOf\":[{\"$ref\":\"#\"}]}", "schema")]
    [InlineData("{\"type\":\"object\",\"anyOf\":[{\"$ref\":\"#\"}]}", "schema")]
    [InlineData("{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}", "schema.oneOf")]
    [InlineData("{\"anyOf\":[]}", "schema.anyOf")]
    [InlineData("{\"enum\":[]}", "schema")]
    [InlineData("{\"enum\":3}", "schema.enum")]
    [InlineData("{\"properties\":[]}", "schema.properties")]
    [InlineData("{\"required\":[1]}", "schema.required")]
    [InlineData("{\"items\":5}", "schema.items")]
    [InlineData("false", "schema")]
    [InlineData("3", "schema")]
    [InlineData("{\"type\":\"object\",\"properties\":{\"me\":{\"$ref\":\"#\"}},\"required\":[\"me\"]}", "schema")]
    [InlineData("{\"type\":\"integer\",\"minimum\":5,\"maximum\":3}", "schema")]
    [InlineData("{\"type\":\"string\",\"const\":1}", "schema")]
    [InlineData("{\"const\":\"\\ud800\"}", "schema")]
    [InlineData("{\"properties\":{\"\\ud800\":{}}}", "schema")]
    public void Refuses_WhatItCannotFollow_ByPlace(string schema, string path)
    {
        var error = Assert.Throws<SchemaException>(() => Compile(schema));
        Assert.Equal(path, error.Path);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    /// <summary>Schemas that come to a great deal: each ends in a grammar or in one error, within the bounds of the product.</summary>
    [Theory]
    [MemberData(nameof(Explosions))]
    public void SchemasThatExplode_EndSoon(string name, string schema)
    {
        var parsed = JsonDocument.Parse(schema, new() { MaxDepth = 200 }).RootElement;
        var limits = GrammarLimits.Default;
        var work = new GrammarWork(limits);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        try
        {
            // Each unit is a bounded piece of work, so the count of them is the bound.
            var nodes = GrammarCompiler.Compile(GrammarFactory.Whole(JsonSchemaCompiler.Compile(parsed, "schema", limits, work)), limits, work).Nodes.Length;
            Assert.InRange(nodes, 1, limits.Nodes);
            new RandomModel(Vocabulary, new(1)).Write(Compile(schema), 50);
        }
        catch (Core.RubatoException error)
        {
            Assert.True(error.Message.Length < 400, error.Message);
        }

        // The product promises two seconds; a busy machine gets more.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{name}: {watch.Elapsed}");
        var used = GC.GetAllocatedBytesForCurrentThread() - allocated;
        TestContext.Current.SendDiagnosticMessage(
            $"{name}: {watch.Elapsed.TotalMilliseconds:F0} ms, {used >> 20} MiB, {work.SchemaUnits} + {work.NodeUnits} units");
        Assert.True(used < 512L << 20, $"{name}: {used} bytes");
        Assert.InRange(work.SchemaUnits, 0, limits.SchemaUnits);
        Assert.InRange(work.NodeUnits, 0, limits.NodeUnits);
    }

    /// <summary>A counted part may stand in several places; each costs a few nodes, however large the count.</summary>
    [Fact]
    public void LargeCounts_MayStandInSeveralPlaces()
    {
        var text = "{\"type\":\"string\",\"minLength\":1,\"maxLength\":100000}";
        var one = Compile($"{{\"type\":\"object\",\"properties\":{{\"a\":{text}}}}}").Nodes;
        var four = Compile($"{{\"type\":\"object\",\"properties\":{{\"a\":{text},\"b\":{text},\"c\":{text},\"d\":{text}}}}}").Nodes;
        Assert.InRange(four, one, one + 100);
    }

    /// <summary>The bound is a count, so a schema is refused on every machine or on none.</summary>
    [Fact]
    public void TheUnitsOfASchema_AreTheSameEachTime()
    {
        var schema = JsonDocument.Parse(Explosions().First(row => row.Data.Item1 == "many oneOf").Data.Item2).RootElement;
        long[] units = [.. Enumerable.Range(0, 2).Select(round =>
        {
            var work = new GrammarWork(GrammarLimits.Default);
            GrammarCompiler.Compile(JsonSchemaCompiler.Compile(schema, "schema", GrammarLimits.Default, work), GrammarLimits.Default, work);
            return work.SchemaUnits + work.NodeUnits;
        })];
        Assert.Equal(units[0], units[1]);
        var few = GrammarLimits.Default with { SchemaUnits = 100 };
        var error = Assert.Throws<SchemaException>(() => JsonSchemaCompiler.Compile(schema, "schema", few, new GrammarWork(few)));
        Assert.Contains("units of work", error.Message);
    }

    public static TheoryData<string, string> Explosions()
    {
        string Chain(int count, Func<int, string> body) =>
            "{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + string.Join(",", Enumerable.Range(0, count).Select(i => $"\"d{i}\":{body(i)}")) + $",\"d{count}\":{{\"type\":\"null\"}}}}}}";
        string Many(int count, Func<int, string> item) => string.Join(",", Enumerable.Range(0, count).Select(item));
        return new()
        {
            { "doubling by allOf", Chain(40, i => $"{{\"allOf\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"$ref\":\"#/$defs/d{i + 1}\"}}]}}") },
            { "doubling by anyOf", Chain(40, i => $"{{\"anyOf\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"$ref\":\"#/$defs/d{i + 1}\"}}]}}") },
            { "doubling by members", Chain(40, i => $"{{\"type\":\"object\",\"properties\":{{\"a\":{{\"$ref\":\"#/$defs/d{i + 1}\"}},\"b\":{{\"$ref\":\"#/$defs/d{i + 1}\"}}}},\"required\":[\"a\"]}}") },
            { "long chain", Chain(3000, i => $"{{\"$ref\":\"#/$defs/d{i + 1}\"}}") },
            { "long chain of anyOf", Chain(3000, i => $"{{\"anyOf\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"type\":\"integer\"}}]}}") },
            { "product of anyOf", "{\"type\":\"object\",\"allOf\":[" + Many(30, _ => "{\"anyOf\":[{\"minProperties\":0},{\"maxProperties\":9}]}") + "]}" },
            { "nested arrays, ambiguous", Chain(30, i => $"{{\"anyOf\":[{{\"type\":\"array\",\"items\":{{\"$ref\":\"#/$defs/d{i + 1}\"}}}},{{\"type\":\"array\",\"items\":{{\"$ref\":\"#/$defs/d{i + 1}\"}},\"maxItems\":9}}]}}") },
            { "recursive, ambiguous", "{\"$defs\":{\"a\":{\"anyOf\":[" + Many(30, i => $"{{\"type\":\"array\",\"items\":{{\"$ref\":\"#/$defs/a\"}},\"maxItems\":{i}}}") + ",{\"type\":\"null\"}]}},\"$ref\":\"#/$defs/a\"}" },
            { "huge counts", "{\"type\":\"array\",\"minItems\":999999999,\"maxItems\":1000000000,\"items\":{\"type\":\"string\",\"minLength\":999999,\"maxLength\":999999999}}" },
            { "pattern of nested counts", "{\"type\":\"string\",\"pattern\":\"^(((((a{99}){99}){99}){99}){99})$\"}" },
            { "pattern of nested stars", "{\"type\":\"string\",\"pattern\":\"^((((((a*)*)*)*)*)*)*$\"}" },
            { "pattern of optional counts", "{\"type\":\"string\",\"pattern\":\"^" + string.Concat(Enumerable.Repeat("(a|aa){1,99}", 40)) + "$\"}" },
            { "pattern of empty counts", "{\"type\":\"string\",\"pattern\":\"^((((a?){16}){16}){16}){16}$\"}" },
            { "pattern, doubling", "{\"type\":\"string\",\"pattern\":\"^" + new string('(', 30) + "a" + string.Concat(Enumerable.Repeat("){1,2}", 30)) + "$\"}" },
            { "many classes", "{\"type\":\"string\",\"pattern\":\"^" + string.Concat(Enumerable.Repeat("[^a\\\\s\\\\d]", 100)) + "$\"}" },
            { "many members", "{\"type\":\"object\",\"properties\":{" + Many(5000, i => $"\"p{i}\":{{\"type\":\"integer\"}}") + "}}" },
            { "many names and others", "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"null\"},\"properties\":{" + Many(900, i => $"\"p{i}\":{{}}") + "}}" },
            { "many values", "{\"enum\":[" + Many(10000, i => $"\"value {i}\"") + "]}" },
            { "many values twice", "{\"allOf\":[{\"enum\":[" + Many(9000, i => $"\"v{i}\"") + "]},{\"enum\":[" + Many(9000, i => $"\"v{i}\"") + "]}]}" },
            { "many oneOf", "{\"oneOf\":[" + Many(200, i => $"{{\"type\":\"object\",\"properties\":{{\"k\":{{\"const\":{i}}},\"a\":{{}},\"b\":{{}}}},\"required\":[\"k\",\"a\",\"b\"]}}") + "]}" },
            { "many references to one pattern", "{\"$defs\":{\"p\":{\"type\":\"string\",\"pattern\":\"^" + string.Concat(Enumerable.Repeat("[^a\\\\s\\\\d]", 100)) + "$\"}},\"type\":\"object\",\"properties\":{" + Many(8000, i => $"\"p{i}\":{{\"$ref\":\"#/$defs/p\"}}") + "}}" },
            { "many patterns", "{\"type\":\"object\",\"properties\":{" + Many(200, i => $"\"p{i}\":{{\"type\":\"string\",\"pattern\":\"^[{string.Concat(Enumerable.Range(0, 400).Select(c => (char)(0x100 + (2 * c) + (i % 2))))}]{i}$\"}}") + "}}" },
            { "counted counts", "{\"type\":\"string\",\"pattern\":\"^(([a-z]{1,99999}){1,99999}){1,99999}$\"}" },
            { "counts in a row", "{\"type\":\"string\",\"pattern\":\"^" + string.Concat(Enumerable.Repeat("[a-z]{0,999}", 80)) + "$\"}" },
            { "empty groups", "{\"type\":\"string\",\"pattern\":\"^((((" + string.Concat(Enumerable.Repeat("()", 300)) + "a?){16}){16}){16}){16}$\"}" },
            { "wide anyOf", "{\"anyOf\":[" + Many(6_000, i => $"{{\"type\":\"array\",\"maxItems\":{i}}}") + "]}" },
            { "wide anyOf of objects", "{\"anyOf\":[" + Many(2_000, i => $"{{\"type\":\"object\",\"properties\":{{\"a{i}\":{{\"type\":\"null\"}}}},\"required\":[\"a{i}\"]}}") + "]}" },
            { "large members in every alternative", "{\"$defs\":{\"big\":{\"type\":\"object\",\"properties\":{" + Many(4000, i => $"\"p{i}\":{{\"type\":\"null\"}}") + "}}},\"allOf\":[{\"$ref\":\"#/$defs/big\"},{\"anyOf\":[" + Many(250, _ => "{\"$ref\":\"#/$defs/big\"}") + "]}]}" },
            { "one schema many times", "{\"$defs\":{\"a\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"null\"}}}},\"allOf\":[" + Many(12_000, _ => "{\"$ref\":\"#/$defs/a\"}") + "]}" },
            { "unknown keywords many times", "{\"$defs\":{\"a\":{" + Many(8000, i => $"\"k{i}\":1") + "}},\"allOf\":[" + Many(7_000, _ => "{\"$ref\":\"#/$defs/a\"}") + "]}" },
            { "a long value many times", "{\"$defs\":{\"a\":{\"const\":\"" + new string('v', 100_000) + "\"}},\"allOf\":[" + Many(6_000, _ => "{\"$ref\":\"#/$defs/a\"}") + "]}" },
            { "a long name around many", "{\"properties\":{\"" + new string('n', 100_000) + "\":{\"properties\":{" + Many(12_000, i => $"\"p{i}\":{{}}") + "}}}}" },
            { "excluded names many times", "{\"type\":\"array\",\"prefixItems\":[" + Many(40, j => "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"null\"},\"properties\":{" + Many(300, i => $"\"p{j}_{i}\":{{}}") + "}}") + "]}" },
            { "many required names", "{\"type\":\"object\",\"properties\":{" + Many(8000, i => $"\"p{i}\":{{}}") + "},\"required\":[" + Many(8000, i => $"\"p{i}\"") + "]}" },
            { "oneOf of large members", "{\"oneOf\":[" + Many(60, j => $"{{\"type\":\"object\",\"properties\":{{\"k{j}\":{{\"type\":\"null\"}},{Many(100, i => $"\"p{i}\":{{}}")}}},\"required\":[\"k{j}\",{Many(100, i => $"\"p{i}\"")}]}}") + "]}" },
            { "deep", string.Concat(Enumerable.Repeat("{\"type\":\"array\",\"items\":", 90)) + "{}" + new string('}', 90) },
            { "deep anyOf", string.Concat(Enumerable.Repeat("{\"anyOf\":[", 60)) + "{\"type\":\"null\"}" + string.Concat(Enumerable.Repeat("]}", 60)) },
            { "huge counts of objects", "{\"type\":\"object\",\"minProperties\":1000000000,\"additionalProperties\":{\"type\":\"array\",\"minItems\":1000000000}}" },
            { "too long", "{\"description\":\"" + new string('x', 300_000) + "\"}" },
            { "long reference", "{\"$ref\":\"#/" + string.Concat(Enumerable.Repeat("allOf/0/", 20_000)) + "\"}" },
        };
    }

    private static readonly RandomVocabulary Vocabulary = new(new(1), pieces: 50);

    private static TokenGrammar Compile(string schema) =>
        new GrammarFactory(Vocabulary).JsonSchema(JsonDocument.Parse(schema, new() { MaxDepth = 200 }).RootElement, "schema");
}
