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

    public RandomVocabulary(Prng random, int pieces)
    {
        _bytes.AddRange(Common.Select(Encoding.UTF8.GetBytes));
        for (var i = 0; i < pieces; i++)
        {
            var text = string.Concat(Enumerable.Range(0, 1 + random.NextInt32(3)).Select(_ => Common[random.NextInt32(Common.Length)]));
            var bytes = Encoding.UTF8.GetBytes(text);
            var start = random.NextInt32(bytes.Length);
            _bytes.Add(bytes[start..(start + 1 + random.NextInt32(bytes.Length - start))]);
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
