using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Grammars;
using Rubato.Models.Tokenizers;

namespace Rubato.Bench;

/// <summary>What a schema costs per token: finding the allowed tokens where the output stands for the first time, and where it stood before.</summary>
internal static class ConstraintCost
{
    private const string Schema =
        """
        {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":150},"email":{"type":"string","format":"email"},
        "tags":{"type":"array","items":{"type":"string","maxLength":40},"maxItems":8},"mood":{"enum":["calm","wild","unknown"]},
        "children":{"type":"array","items":{"$ref":"#"}}},"required":["name","age","tags"],"additionalProperties":false}
        """;

    private const string Output =
        """{"name": "Ada Lovelace", "age": 36, "email": "ada@example.org", "tags": ["first programmer", "analytical engine", "poet"], "mood": "calm", "children": [{"name": "Byron", "age": 5, "tags": []}]}""";

    private const int Rounds = 9;

    public static void Run()
    {
        foreach (var size in new[] { 32_000, 128_000 })
        {
            var vocabulary = new SyntheticVocabulary(size);
            var logits = new float[size];
            var tokens = vocabulary.Encode(Output, addSpecial: false, parseSpecial: false);
            // Each first time needs a grammar that nobody has used; the rounds before the last ones also warm the code up.
            var (compiled, first, again) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                var started = Stopwatch.GetTimestamp();
                var factory = new GrammarFactory(vocabulary);
                var grammar = factory.JsonSchema(JsonDocument.Parse(Schema).RootElement, "schema");
                compiled.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                first.Add(Write(grammar, vocabulary, tokens, logits));
                again.Add(Enumerable.Range(0, 5).Select(_ => Write(grammar, vocabulary, tokens, logits)).Min());
            }

            var copy = CopyTime(logits);
            Console.WriteLine(
                $"{size,7:N0} tokens: schema and vocabulary {Median(compiled),6:F1} ms, then {Median(first),9:N0} ns a token the first time ({first[0]:N0} before the code was compiled), {Median(again),6:N0} ns afterwards"
                + $" (copying the logits takes {copy:N0} ns; {tokens.Length} tokens)");
        }
    }

    /// <summary>Nanoseconds per token of one output: forbid, then advance.</summary>
    private static double Write(TokenGrammar grammar, SyntheticVocabulary vocabulary, int[] tokens, float[] logits)
    {
        var cursor = grammar.Begin();
        var started = Stopwatch.GetTimestamp();
        foreach (var token in tokens)
        {
            cursor.Forbid(logits);
            cursor.Advance(token, vocabulary);
        }

        var each = Stopwatch.GetElapsedTime(started).TotalNanoseconds / tokens.Length;
        Check.Invariant(cursor.IsComplete, $"the output of {tokens.Length} tokens satisfies the schema");
        return each;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static double CopyTime(float[] logits)
    {
        var target = new float[logits.Length];
        var best = double.PositiveInfinity;
        for (var i = 0; i < 50; i++)
        {
            var started = Stopwatch.GetTimestamp();
            logits.CopyTo(target, 0);
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalNanoseconds);
        }

        return best;
    }
}

/// <summary>All bytes, and words as a trained vocabulary has them: with and without a blank before, some with punctuation of JSON.</summary>
internal sealed class SyntheticVocabulary : ITokenizer
{
    private readonly byte[][] _bytes;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    public SyntheticVocabulary(int size)
    {
        var random = new Prng(1);
        var words = new List<string>(size);
        var known = new HashSet<string>(StringComparer.Ordinal);
        string[] ends = ["\":", "\",", "\"", "\"}", "},", ", ", ": ", "\n"];
        while (words.Count < size - 257)
        {
            var length = 2 + random.NextInt32(9);
            var word = string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + (random.NextInt32(26) * random.NextInt32(26) / 26))));
            word = (random.Chance(1, 2) ? " " : "") + (random.Chance(1, 8) ? char.ToUpperInvariant(word[0]) + word[1..] : word)
                + (random.Chance(1, 25) ? ends[random.NextInt32(ends.Length)] : "");
            if (known.Add(word))
            {
                words.Add(word);
            }
        }

        _bytes = [.. Enumerable.Range(0, 256).Select(unit => new[] { (byte)unit }), .. words.Select(Encoding.UTF8.GetBytes), []];
        for (var i = 0; i < words.Count; i++)
        {
            _ids.Add(words[i], 256 + i);
        }
    }

    public int VocabularySize => _bytes.Length;

    public int? BeginOfText => null;

    public int? EndOfText => _bytes.Length - 1;

    public ImmutableArray<int> StopTokens => [_bytes.Length - 1];

    /// <summary>The longest token at each place.</summary>
    public int[] Encode(string text, bool addSpecial, bool parseSpecial)
    {
        var tokens = new List<int>();
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(16, text.Length - at);
            while (length > 1 && !_ids.ContainsKey(text.Substring(at, length)))
            {
                length--;
            }

            tokens.Add(length > 1 ? _ids[text.Substring(at, length)] : text[at]);
            at += length;
        }

        return [.. tokens];
    }

    public ReadOnlySpan<byte> TokenBytes(int token) => _bytes[token];

    public string TokenText(int token) => Encoding.UTF8.GetString(_bytes[token]);

    public bool IsSpecial(int token) => token == EndOfText;

    public string Decode(ReadOnlySpan<int> tokens) => Encoding.UTF8.GetString([.. tokens.ToArray().SelectMany(token => _bytes[token])]);
}
