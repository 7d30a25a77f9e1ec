using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Grammars;
using Rubato.Models.Grammars.Automata;
using Rubato.Models.Grammars.Schemas;

namespace Rubato.Models.Tests.Grammars;

/// <summary>Random schemas, random vocabularies, random logits.</summary>
public sealed class GrammarPropertyTests
{
    [Fact]
    public void EveryCompleteOutput_ParsesAndSatisfiesItsSchema()
    {
        var (written, complete) = (0, 0);
        for (var i = 0; i < FuzzScale.Times(150); i++)
        {
            var random = new Prng(4).Split((ulong)i);
            var schema = new RandomSchema(random.Split("schema")).Next();
            var vocabulary = new RandomVocabulary(random.Split("vocabulary"), pieces: 60);
            var grammar = new GrammarFactory(vocabulary).JsonSchema(schema, "schema");
            for (var output = 0; output < 3; output++)
            {
                var model = new RandomModel(vocabulary, random.Split((ulong)output));
                written++;
                if (model.Write(grammar, 400, isGreedy: output == 0) is { } tokens)
                {
                    complete++;
                    Judge(schema, vocabulary.Decode([.. tokens]));
                }
            }
        }

        Assert.True(complete > written * 0.9, $"{complete} of {written} outputs are complete");
    }

    [Fact]
    public void AnyObject_IsAnObject()
    {
        var vocabulary = new RandomVocabulary(new Prng(5), pieces: 100);
        var grammar = new GrammarFactory(vocabulary).JsonObject();
        var complete = 0;
        for (var i = 0; i < FuzzScale.Times(60); i++)
        {
            if (new RandomModel(vocabulary, new Prng(6).Split((ulong)i)).Write(grammar, 400) is { } tokens)
            {
                complete++;
                Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(vocabulary.Decode([.. tokens])).RootElement.ValueKind);
            }
        }

        Assert.True(complete > FuzzScale.Times(60) * 0.8, $"{complete} are complete");
    }

    /// <summary>Damaged outputs: whatever the automaton still accepts must still satisfy the schema.</summary>
    [Fact]
    public void WhatIsAccepted_SatisfiesTheSchema()
    {
        var (accepted, refused) = (0, 0);
        for (var i = 0; i < FuzzScale.Times(60); i++)
        {
            var random = new Prng(7).Split((ulong)i);
            var schema = new RandomSchema(random.Split("schema")).Next();
            var vocabulary = new RandomVocabulary(random.Split("vocabulary"), pieces: 0);
            var grammar = new GrammarFactory(vocabulary).JsonSchema(schema, "schema");
            var automaton = Automata.Of(schema);
            if (new RandomModel(vocabulary, random.Split("output")).Write(grammar, 300) is not { Count: > 0 } tokens)
            {
                continue;
            }

            for (var mutation = 0; mutation < 40; mutation++)
            {
                byte[] bytes = [.. tokens.SelectMany(token => vocabulary.TokenBytes(token).ToArray())];
                bytes[random.NextInt32(bytes.Length)] = random.Chance(1, 2) ? bytes[random.NextInt32(bytes.Length)] : (byte)random.NextInt32(256);
                if (Automata.Accepts(automaton, bytes))
                {
                    accepted++;
                    Judge(schema, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes));
                }
                else
                {
                    refused++;
                }
            }
        }

        Assert.True(accepted > 50 && refused > 50, $"{accepted} accepted, {refused} refused");
    }

    /// <summary>The walk over the tree, clamped counts and forgotten states give what trying every token gives.</summary>
    [Fact]
    public void Masks_AreWhatTryingEachTokenGives()
    {
        for (var i = 0; i < FuzzScale.Times(25); i++)
        {
            var random = new Prng(8).Split((ulong)i);
            var schema = new RandomSchema(random.Split("schema")).Next();
            var vocabulary = new RandomVocabulary(random.Split("vocabulary"), pieces: 80);
            var limits = GrammarLimits.Default with { States = 40, Stacks = 60 };
            var grammar = new GrammarFactory(vocabulary, limits).JsonSchema(schema, "schema");
            var same = new GrammarFactory(vocabulary).JsonSchema(schema, "schema");
            var tokens = new RandomModel(vocabulary, random.Split("output")).Write(grammar, 60) ?? [];
            var naive = Automata.Of(schema);
            var state = naive.Start;
            var (cursor, other) = (grammar.Begin(), same.Begin());
            foreach (var token in tokens)
            {
                for (var candidate = 0; candidate < vocabulary.VocabularySize; candidate++)
                {
                    var expected = candidate == vocabulary.End ? state.Accepts
                        : candidate != vocabulary.Marker && !Automata.Follow(naive, state, vocabulary.TokenBytes(candidate)).IsDead;
                    Assert.Equal(expected, cursor.Allows(candidate));
                    Assert.Equal(expected, other.Allows(candidate));
                }

                state = Automata.Follow(naive, state, vocabulary.TokenBytes(token));
                cursor.Advance(token, vocabulary);
                other.Advance(token, vocabulary);
            }
        }
    }

    private static void Judge(JsonElement schema, string text)
    {
        JsonElement value;
        try
        {
            value = JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException error)
        {
            Assert.Fail($"{schema}\n{text}\n{error.Message}");
            return;
        }

        Assert.True(new SchemaValidator(schema).Accepts(value), $"{schema}\n{text}");
    }
}

/// <summary>Automata without tokens.</summary>
internal static class Automata
{
    public static GrammarAutomaton Of(JsonElement schema)
    {
        var work = new GrammarWork(GrammarLimits.Default);
        var expression = GrammarFactory.Whole(JsonSchemaCompiler.Compile(schema, "schema", GrammarLimits.Default, work));
        return new(GrammarCompiler.Compile(expression, GrammarLimits.Default, work), GrammarLimits.Default);
    }

    public static GrammarAutomaton Of(string schema) => Of(JsonDocument.Parse(schema).RootElement);

    public static GrammarState Follow(GrammarAutomaton automaton, GrammarState state, ReadOnlySpan<byte> bytes)
    {
        foreach (var unit in bytes)
        {
            state = automaton.Step(state, unit);
        }

        return state;
    }

    public static bool Accepts(GrammarAutomaton automaton, ReadOnlySpan<byte> bytes) => Follow(automaton, automaton.Start, bytes).Accepts;

    public static bool Accepts(GrammarAutomaton automaton, string text) => Accepts(automaton, System.Text.Encoding.UTF8.GetBytes(text));
}
