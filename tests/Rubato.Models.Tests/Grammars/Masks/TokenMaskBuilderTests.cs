using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Chat;
using Rubato.Models.Chat.Tools;
using Rubato.Models.Grammars;
using Rubato.Models.Grammars.Automata;
using Rubato.Models.Grammars.Masks;
using Rubato.Models.Grammars.Tools;

namespace Rubato.Models.Tests.Grammars.Masks;

/// <summary>The mask of a place against its definition: a token may come when the automaton survives its bytes.</summary>
public sealed class TokenMaskBuilderTests
{
    [Fact]
    public void Masks_OfSchemas_AreWhatTheAutomatonSays()
    {
        for (var i = 0; i < FuzzScale.Times(20); i++)
        {
            var random = new Prng(31).Split((ulong)i);
            var vocabulary = new RandomVocabulary(random.Split("vocabulary"), pieces: 60, words: 500);
            var schema = new RandomSchema(random.Split("schema")).Next();
            var factory = new GrammarFactory(vocabulary, Limits(random));
            Compare(factory.JsonSchema(schema, "schema"), vocabulary, random, places: 40);
        }
    }

    [Fact]
    public void Masks_OfStrings_AreWhatTheAutomatonSays()
    {
        string[] schemas =
        [
            """{"type":"string"}""",
            """{"type":"string","maxLength":0}""",
            """{"type":"string","minLength":3,"maxLength":9}""",
            """{"type":"string","minLength":2,"maxLength":400}""",
            """{"type":"string","pattern":"^[a-z ]+$"}""",
            """{"type":"string","pattern":"[0-9]"}""",
            """{"type":"string","pattern":"^[^ä]*$"}""",
            """{"type":"string","pattern":"^(ab|.)*$"}""",
            """{"type":"object","properties":{"abc":{"type":"string"}},"additionalProperties":{"type":"integer"}}""",
            """{"type":"object","additionalProperties":{"type":"string","maxLength":5}}""",
        ];
        foreach (var (i, schema) in schemas.Index())
        {
            var random = new Prng(32).Split((ulong)i);
            var vocabulary = new RandomVocabulary(random.Split("vocabulary"), pieces: 30, words: 1200);
            Compare(new GrammarFactory(vocabulary).JsonSchema(JsonDocument.Parse(schema).RootElement, "schema"), vocabulary, random, places: FuzzScale.Times(25));
        }
    }

    [Fact]
    public void Masks_OfCallsInText_AreWhatTheAutomatonSays()
    {
        foreach (var (i, syntax) in new[] { ToolCallSyntax.Hermes, ToolCallSyntax.Mistral, ToolCallSyntax.Llama }.Index())
        {
            for (var round = 0; round < FuzzScale.Times(3); round++)
            {
                var random = new Prng(33).Split((ulong)((i * 1000) + round));
                var vocabulary = new RandomVocabulary(random.Split("vocabulary"), pieces: 60, words: 700);
                var output = new ToolOutput
                {
                    Tools = [new ChatTool("look", null, null), new ChatTool("play", null, JsonDocument.Parse("""{"type":"object","properties":{"tune":{"type":"string"}}}""").RootElement)],
                    Syntax = syntax,
                };
                var grammar = new GrammarFactory(vocabulary).ToolCalls(output, tool => $"tools[{tool}]");
                Compare(grammar, vocabulary, random, places: 30, then: syntax.Opening);
            }
        }
    }

    /// <summary>Any set of tokens, any number of logits, any alignment.</summary>
    [Fact]
    public void Forbid_LeavesWhatIsInTheSet()
    {
        var random = new Prng(34);
        for (var i = 0; i < FuzzScale.Times(200); i++)
        {
            var size = 1 + random.NextInt32(300);
            var mask = new TokenMask(size);
            var density = random.NextInt32(5);
            for (var token = 0; token < size; token++)
            {
                if (random.NextInt32(4) < density)
                {
                    mask.Add(token);
                }
            }

            var logits = Enumerable.Range(0, random.NextInt32(400)).Select(token => (float)token).ToArray();
            mask.Seal().Forbid(logits);
            for (var token = 0; token < logits.Length; token++)
            {
                Assert.Equal(token < size && mask[token] ? token : float.NegativeInfinity, logits[token]);
            }
        }
    }

    private static GrammarLimits Limits(Prng random) =>
        random.Chance(1, 2) ? GrammarLimits.Default : GrammarLimits.Default with { States = 60, Stacks = 80 };

    /// <summary>Follows a random output, and half-way what leads to a call.</summary>
    private static void Compare(TokenGrammar grammar, RandomVocabulary vocabulary, Prng random, int places, string then = "")
    {
        var queue = new Queue<int>();
        var state = grammar.Start;
        for (var place = 0; place < places && !state.IsFinal; place++)
        {
            var mask = grammar.MaskOf(state);
            var allowed = new List<int>();
            for (var token = 0; token < vocabulary.VocabularySize; token++)
            {
                var expected = Expected(grammar, state, vocabulary, token);
                if (expected != mask[token])
                {
                    Assert.Fail($"place {place}: token {token} '{vocabulary.TokenText(token)}' is {(expected ? "not in" : "in")} the mask");
                }

                if (expected && token != vocabulary.End)
                {
                    allowed.Add(token);
                }
            }

            if (place == places / 2)
            {
                foreach (var unit in System.Text.Encoding.UTF8.GetBytes(then))
                {
                    queue.Enqueue(unit);
                }
            }

            if (allowed.Count == 0)
            {
                return;
            }

            var next = queue.TryDequeue(out var planned) && mask[planned] ? planned : allowed[random.NextInt32(allowed.Count)];
            state = Follow(grammar, state, vocabulary, next);
        }
    }

    private static bool Expected(TokenGrammar grammar, GrammarState state, RandomVocabulary vocabulary, int token) =>
        !Follow(grammar, state, vocabulary, token).IsDead || (token == vocabulary.End && state.Accepts);

    private static GrammarState Follow(TokenGrammar grammar, GrammarState state, RandomVocabulary vocabulary, int token) =>
        grammar.Follow(state, token, vocabulary.IsSpecial(token) ? [] : vocabulary.TokenBytes(token));
}
