using System.Collections.Immutable;
using System.Text;
using Rubato.Core;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Grammars;

/// <summary>Every byte, some pieces of JSON and of words, tokens that cut characters, and two control tokens: one ends a text.</summary>
internal sealed class RandomVocabulary : ITokenizer
{
    private static readonly string[] Common =
        ["\"", "\":", "\": ", "\",", "\", \"", "{\"", "\"}", "}", "]", "[", "{", "},", "}]", ", ", "true", "false", "null", "12", "0.", "-1", "\n  ", "\\u00", "\\n", "name", "leaf", "next", " the", "größ", "日"];

    private readonly List<byte[]> _bytes = [.. Enumerable.Range(0, 256).Select(unit => new[] { (byte)unit })];

    private const string Letters = "abcdefghijklmnopqrstuvwxyz  ABC019<[{.,-äß日😀\"\\\n";

    /// <param name="random">Where it comes from.</param>
    /// <param name="pieces">Tokens that are cut out of JSON.</param>
    /// <param name="words">Tokens of random characters, most of them letters; some begin or end inside a character.</param>
    public RandomVocabulary(Prng random, int pieces, int words = 0)
    {
        _bytes.AddRange(Common.Select(Encoding.UTF8.GetBytes));
        for (var i = 0; i < pieces; i++)
        {
            var text = string.Concat(Enumerable.Range(0, 1 + random.NextInt32(3)).Select(_ => Common[random.NextInt32(Common.Length)]));
            var bytes = Encoding.UTF8.GetBytes(text);
            var start = random.NextInt32(bytes.Length);
            _bytes.Add(bytes[start..(start + 1 + random.NextInt32(bytes.Length - start))]);
        }

        var letters = Letters.EnumerateRunes().ToArray();
        for (var i = 0; i < words; i++)
        {
            var most = random.Chance(1, 10) ? 50 : 6;
            var text = string.Concat(Enumerable.Range(0, 1 + random.NextInt32(most)).Select(_ => letters[random.NextInt32(random.Chance(1, 3) ? letters.Length : 26)]));
            var bytes = Encoding.UTF8.GetBytes(text);
            var start = random.Chance(1, 8) ? random.NextInt32(bytes.Length) : 0;
            var end = random.Chance(1, 8) ? start + 1 + random.NextInt32(bytes.Length - start) : bytes.Length;
            _bytes.Add(bytes[start..end]);
        }

        End = _bytes.Count;
        _bytes.Add([]);
        _bytes.Add([]);
    }

    public int End { get; }

    public int Marker => End + 1;

    public int VocabularySize => _bytes.Count;

    public int? BeginOfText => null;

    public int? EndOfText => End;

    public ImmutableArray<int> StopTokens => [End];

    public int[] Encode(string text, bool addSpecial, bool parseSpecial) => [.. Encoding.UTF8.GetBytes(text).Select(unit => (int)unit)];

    public ReadOnlySpan<byte> TokenBytes(int token) => _bytes[token];

    public string TokenText(int token) => token == End ? "<end>" : token == Marker ? "<marker>" : Encoding.UTF8.GetString(_bytes[token]);

    public bool IsSpecial(int token) => token >= End;

    public string Decode(ReadOnlySpan<int> tokens) => Encoding.UTF8.GetString([.. tokens.ToArray().SelectMany(token => _bytes[token])]);
}
