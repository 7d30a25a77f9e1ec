using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Tokenizer = Rubato.Models.Tokenizers.Tokenizer;

namespace Rubato.Models.Tests.Tokenizers;

public sealed class SentencePieceBpeTokenizerTests
{
    /// <summary>The bound that the product states for 400 KB without spaces.</summary>
    private static readonly TimeSpan LongTextBound = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tokens_equal_those_of_the_definition(bool ties)
    {
        for (ulong seed = 0; seed < 10; seed++)
        {
            var vocabulary = TestVocabularies.Scored(seed, ties);
            var tokenizer = Tokenizer.From(vocabulary);
            var ids = vocabulary.Tokens.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
            foreach (var text in TestVocabularies.TextsFor(seed, 500).Where(text => text.Length > 0))
            {
                var spelled = $"▁{TestVocabularies.Repaired(text).Replace(' ', '▁')}";
                var symbols = spelled.EnumerateRunes().Select(rune => rune.ToString()).ToList();
                NaiveMerges.Run(symbols, (a, b) => ids.TryGetValue(a + b, out var id) && id >= 259 ? -vocabulary.Scores[id] : null);
                var expected = symbols.SelectMany(symbol => ids.TryGetValue(symbol, out var id) && id >= 259
                    ? [symbol]
                    : Encoding.UTF8.GetBytes(symbol).Select(value => $"<0x{value:X2}>"));
                Assert.Equal(expected, tokenizer.Encode(text, addSpecial: false, parseSpecial: false).Select(tokenizer.TokenText));
            }
        }
    }

    [Fact]
    public void Tokens_equal_those_of_the_library()
    {
        var vocabulary = TestVocabularies.Scored(seed: 3, ties: false);
        var ours = Tokenizer.From(vocabulary);
        using var model = new MemoryStream(SentencePieceModelFile.Write(vocabulary));
        var theirs = LlamaTokenizer.Create(model, addBeginOfSentence: false, addEndOfSentence: false, specialTokens: null);
        // Of equal pairs that overlap ("   ") SentencePiece and llama.cpp merge the leftmost first, the library another: such texts are left out.
        var repeats = new Regex(@"(.+?)\1\1", RegexOptions.Singleline, TimeSpan.FromSeconds(10));
        var texts = TestVocabularies.TextsFor(9, 3_000, broken: false).Where(text => text.Length > 0 && !repeats.IsMatch("▁" + text.Replace(' ', '▁'))).ToList();
        Assert.InRange(texts.Count, 1_500, 3_000);
        foreach (var text in texts)
        {
            Assert.Equal(theirs.EncodeToIds(text), ours.Encode(text, addSpecial: false, parseSpecial: false));
        }
    }

    [Fact]
    public void Decoding_gives_the_text_back_after_the_space_prefix()
    {
        foreach (var prefix in new[] { true, false })
        {
            var tokenizer = Tokenizer.From(TestVocabularies.Scored(1, ties: false, prefix));
            foreach (var text in TestVocabularies.TextsFor(6, 3_000).Where(text => text.Length > 0 && !text.Contains('▁', StringComparison.Ordinal)))
            {
                var decoded = tokenizer.Decode(tokenizer.Encode(text, addSpecial: true, parseSpecial: false));
                Assert.Equal((prefix ? " " : "") + TestVocabularies.Repaired(text), decoded);
            }
        }
    }

    [Fact]
    public void Long_texts_without_spaces_take_less_than_a_second()
    {
        var tokenizer = Tokenizer.From(TestVocabularies.Scored(2, ties: true));
        foreach (var text in new[] { new string('e', 400_000), string.Concat(Enumerable.Repeat("scheduler", 45_000)), new string('\u0E01', 130_000) })
        {
            Assert.Equal(" " + text, tokenizer.Decode(TimedEncoding.Within(LongTextBound, tokenizer, text)));
        }
    }

    [Fact]
    public void Special_tokens_cut_the_text_and_each_stretch_gets_a_space()
    {
        var tokenizer = Tokenizer.From(TestVocabularies.Scored(1, ties: false));
        var tokens = tokenizer.Encode("a</s>b", addSpecial: true, parseSpecial: true);
        Assert.Equal([1, 2], tokens.Where(tokenizer.IsSpecial));
        Assert.Equal(" a b", tokenizer.Decode(tokens));
        Assert.Empty(tokenizer.Encode("", addSpecial: false, parseSpecial: true));
    }
}
