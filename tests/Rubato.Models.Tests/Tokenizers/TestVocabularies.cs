using System.Collections.Immutable;
using System.Text;
using Rubato.Core;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Tokenizers;

/// <summary>Small vocabularies made on the spot.</summary>
internal static class TestVocabularies
{
    public const string Sample = """
        The scheduler hands out what is scarce: it gives each request its share of the memory and takes it back when the request ends.
        It's the caller's task to say how long a step may take; 128 tokens in 20 ms, or 4096 tokens in 640 ms, whichever comes first.
        String.Join(separator, values) joins the values; the separator stands between them. Don't pass null, because there's nothing to join.
        Die Übergabe läuft über den Speicher — naïve façade, 日本語のテキスト, 🙂🙂 and 👩‍💻 appear as well.

            indented code;    with    several   spaces
        """;

    public static TokenizerVocabulary ByteLevel(string preTokenizer = "qwen2", int size = 500) =>
        BpeTrainer.Train([Sample, Sample], new() { VocabularySize = size, PreTokenizer = preTokenizer });

    /// <summary>A scored vocabulary whose tokens are stretches of the sample, the more frequent the higher the score; ties occur when asked for.</summary>
    public static TokenizerVocabulary Scored(ulong seed, bool ties, bool spacePrefix = true)
    {
        var random = new Prng(seed);
        var text = Sample.Replace(' ', '▁').ReplaceLineEndings("\n");
        var runes = text.EnumerateRunes().Select(rune => rune.ToString()).ToArray();
        var pieces = new HashSet<string>(runes.Where(_ => random.Chance(9, 10)), StringComparer.Ordinal);
        while (pieces.Count < 400)
        {
            var start = random.NextInt32(runes.Length - 6);
            pieces.Add(string.Concat(runes.AsSpan(start, random.NextInt32(2, 6)).ToArray()));
        }

        string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), .. pieces];
        return new()
        {
            Model = "llama",
            Tokens = [.. tokens],
            Types = [.. tokens.Select((_, id) => id == 0 ? TokenType.Unknown : id < 3 ? TokenType.Control : id < 259 ? TokenType.Byte : TokenType.Normal)],
            Scores = [.. tokens.Select((_, id) => id < 259 ? 0f : -(ties ? random.NextInt32(12) : id))],
            BeginOfText = 1,
            EndOfText = 2,
            Unknown = 0,
            AddBeginOfText = true,
            AddSpacePrefix = spacePrefix,
        };
    }

    /// <summary>What decoding must give back: the text with broken surrogates replaced.</summary>
    public static string Repaired(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    public static ImmutableArray<string> TextsFor(ulong seed, int count, bool broken = true, bool onePlane = false)
    {
        var root = new Prng(seed);
        return [.. Enumerable.Range(0, count).Select(i => RandomText.Next(root.Split((ulong)i), onePlane: onePlane, broken: broken))];
    }
}
