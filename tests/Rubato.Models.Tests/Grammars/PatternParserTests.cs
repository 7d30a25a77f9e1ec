using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rubato.Core;
using Rubato.Models.Grammars;
using Rubato.Models.Grammars.Patterns;

namespace Rubato.Models.Tests.Grammars;

/// <summary>Patterns match what .NET's own regular expressions match, in their ECMAScript form.</summary>
public sealed class PatternParserTests
{
    private static readonly string[] Atoms = ["a", "b", "[ab]", "[^a]", ".", "\\d", "\\w", "\\s", "\\.", "(a|bc)", "(?:b|)", "x?", "a{2}", "b{1,3}", "[a-c]+", "c*", "\\\"", "\\\\", "[0-9]{2,}", "ä", "(ab|a)*?"];
    private static readonly string[] Letters = ["a", "b", "c", "x", "1", "23", ".", " ", "\"", "\\", "ä", "_", "\t"];

    [Fact]
    public void MatchesWhatTheReferenceMatches()
    {
        var matched = 0;
        for (var i = 0; i < FuzzScale.Times(300); i++)
        {
            var random = new Prng(9).Split((ulong)i);
            var branches = Enumerable.Range(0, 1 + random.NextInt32(2)).Select(_ =>
                (random.Chance(2, 3) ? "^" : "") + string.Concat(Enumerable.Range(0, 1 + random.NextInt32(4)).Select(_ => Atoms[random.NextInt32(Atoms.Length)])) + (random.Chance(2, 3) ? "$" : ""));
            var pattern = string.Join('|', branches);
            var automaton = Automata.Of(JsonSerializer.Serialize(new { type = "string", pattern }));
            var reference = new Regex(pattern, RegexOptions.ECMAScript);
            for (var text = 0; text < 30; text++)
            {
                var candidate = string.Concat(Enumerable.Range(0, random.NextInt32(6)).Select(_ => Letters[random.NextInt32(Letters.Length)]));
                var json = JsonSerializer.Serialize(candidate, new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

                // Text around what an unanchored pattern matches is written without escapes, so only the other way holds there.
                var accepted = Automata.Accepts(automaton, json);
                Assert.True(!accepted || reference.IsMatch(candidate), $"{pattern} accepts {json}");
                Assert.True(accepted || !reference.IsMatch(candidate) || json.Contains('\\'), $"{pattern} refuses {json}");
                matched += accepted ? 1 : 0;
            }
        }

        Assert.True(matched > 300, $"{matched} matched");
    }

    [Fact]
    public void Lengths_AreThoseOfTheMatches()
    {
        foreach (var (pattern, min, max) in new (string, int, int?)[]
        {
            ("^abc$", 3, 3), ("^a{2,5}$", 2, 5), ("^(a|bcd)?$", 0, 3), ("^a+$", 1, null), ("a", 1, null), ("^(a{1000}){1000}$", 1_000_000, 1_000_000),
        })
        {
            var parsed = PatternParser.Parse(pattern, GrammarLimits.Default);
            Assert.Equal((min, max), (parsed.LengthMin, parsed.LengthMax));
        }
    }
}
