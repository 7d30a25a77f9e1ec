using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Rubato.Core;
using Rubato.Models.Tokenizers;
using PreTokenizer = Rubato.Models.Tokenizers.PreTokenizer;
using Tokenizer = Rubato.Models.Tokenizers.Tokenizer;

namespace Rubato.Models.Tests.Tokenizers;

public sealed class ByteLevelBpeTokenizerTests
{
    /// <summary>The bound that the product states for 400 KB without spaces; ours takes about a tenth of it.</summary>
    private static readonly TimeSpan LongTextBound = TimeSpan.FromSeconds(1);

    [Fact]
    public void Decoding_gives_the_text_back_whatever_it_is()
    {
        foreach (var name in PreTokenizer.Names)
        {
            var tokenizer = Tokenizer.From(TestVocabularies.ByteLevel(name));
            foreach (var text in TestVocabularies.TextsFor(1, 5_000))
            {
                Assert.Equal(TestVocabularies.Repaired(text), tokenizer.Decode(tokenizer.Encode(text, addSpecial: true, parseSpecial: false)));
            }
        }
    }

    [Fact]
    public void Tokens_equal_those_of_the_definition()
    {
        var vocabulary = TestVocabularies.ByteLevel("gpt-2");
        var tokenizer = Tokenizer.From(vocabulary);
        var ranks = vocabulary.Merges.Index().ToDictionary(entry => entry.Item, entry => (double?)entry.Index);
        foreach (var text in TestVocabularies.TextsFor(2, 3_000))
        {
            var expected = new List<string>();
            for (int start = 0, end; start < text.Length; start = end)
            {
                end = PreTokenizer.Get("gpt-2").EndOfPiece(text, start);
                var symbols = ByteLevelAlphabet.Spell(Encoding.UTF8.GetBytes(text[start..end])).Select(c => c.ToString()).ToList();
                expected.AddRange(NaiveMerges.Run(symbols, (a, b) => ranks.GetValueOrDefault($"{a} {b}")));
            }

            Assert.Equal(expected, tokenizer.Encode(text, addSpecial: false, parseSpecial: false).Select(tokenizer.TokenText));
        }
    }

    [Fact]
    public void Tokens_equal_those_of_the_library()
    {
        var vocabulary = TestVocabularies.ByteLevel("gpt-2");
        var ours = Tokenizer.From(vocabulary);
        var theirs = Library(vocabulary);
        // Characters beyond the first plane are left out: .NET's expressions see their halves as symbols.
        foreach (var text in TestVocabularies.TextsFor(3, 5_000, broken: false, onePlane: true).Append(TestVocabularies.Sample))
        {
            Assert.Equal(theirs.EncodeToIds(text), ours.Encode(text, addSpecial: false, parseSpecial: false));
        }
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("gpt-2")]
    [InlineData("llama-bpe")]
    [InlineData("default")]
    public void Long_texts_without_spaces_take_less_than_a_second(string name)
    {
        var tokenizer = Tokenizer.From(TestVocabularies.ByteLevel(name));
        var random = new Prng(4);
        string[] texts =
        [
            new('a', 400_000), new(' ', 400_000), new('\n', 400_000), new('.', 400_000), new('7', 400_000), new('語', 133_000),
            string.Concat(Enumerable.Repeat("thescheduler", 34_000)),
            string.Concat(Enumerable.Range(0, 400_000).Select(_ => (char)('a' + random.NextInt32(26)))),
            string.Concat(Enumerable.Repeat("<|im_", 80_000)), string.Concat(Enumerable.Repeat("'l \n", 100_000)),
        ];
        foreach (var text in texts)
        {
            Assert.Equal(text, tokenizer.Decode(TimedEncoding.Within(LongTextBound, tokenizer, text)));
        }
    }

    [Fact]
    public void Special_tokens_are_found_only_when_asked_for()
    {
        var tokenizer = Tokenizer.From(TestVocabularies.ByteLevel());
        const string Text = "<|im_start|>user\nHi<|im_end|>";
        var parsed = tokenizer.Encode(Text, addSpecial: true, parseSpecial: true);
        Assert.Equal(tokenizer.BeginOfText, parsed[0]);
        Assert.Equal("<|im_start|>", tokenizer.TokenText(parsed[1]));
        Assert.Equal("<|im_end|>", tokenizer.TokenText(parsed[^1]));
        Assert.Equal("user\nHi", tokenizer.Decode(parsed));
        Assert.True(tokenizer.IsSpecial(parsed[^1]));
        Assert.Contains(parsed[^1], tokenizer.StopTokens);

        var plain = tokenizer.Encode(Text, addSpecial: false, parseSpecial: false);
        Assert.DoesNotContain(plain, tokenizer.IsSpecial);
        Assert.Equal(Text, tokenizer.Decode(plain));
    }

    [Fact]
    public void Of_special_tokens_that_begin_alike_the_longest_is_found()
    {
        var vocabulary = BpeTrainer.Train(["x"], new() { VocabularySize = 300, ExtraSpecialTokens = ["<a", "<a>", "<a>b<c>"] });
        var tokenizer = Tokenizer.From(vocabulary);
        Assert.Equal(["<", "<a>b<c>", "<a>", "b", "<a"], tokenizer.Encode("<<a>b<c><a>b<a", false, true).Select(tokenizer.TokenText));
    }

    [Fact]
    public void User_defined_tokens_are_always_found()
    {
        var vocabulary = TestVocabularies.ByteLevel();
        vocabulary = vocabulary with { Types = vocabulary.Types.SetItem(vocabulary.Padding!.Value, TokenType.UserDefined) };
        var tokenizer = Tokenizer.From(vocabulary);
        var tokens = tokenizer.Encode("a<|pad|>b<|im_end|>", addSpecial: false, parseSpecial: false);
        Assert.Contains(vocabulary.Padding!.Value, tokens);
        Assert.Equal("a<|pad|>b<|im_end|>", tokenizer.Decode(tokens));
    }

    [Fact]
    public void Llama_3_takes_a_whole_piece_that_is_a_token()
    {
        // No merge leads to "abc"; only the rule that a piece in the vocabulary is taken whole finds it.
        var vocabulary = TestVocabularies.ByteLevel("llama-bpe");
        vocabulary = vocabulary with { Tokens = [.. vocabulary.Tokens, "qzx"], Types = [.. vocabulary.Types, TokenType.Normal] };
        Assert.Single(Tokenizer.From(vocabulary).Encode("qzx", false, false));
        Assert.Equal(3, Tokenizer.From(vocabulary with { PreTokenizer = "qwen2" }).Encode("qzx", false, false).Length);
    }

    [Fact]
    public void Ids_outside_the_vocabulary_are_refused()
    {
        var tokenizer = Tokenizer.From(TestVocabularies.ByteLevel());
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([tokenizer.VocabularySize]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.TokenText(-1));
    }

    private static BpeTokenizer Library(TokenizerVocabulary vocabulary)
    {
        const string Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
        var options = new BpeOptions(vocabulary.Tokens.Index().Select(entry => KeyValuePair.Create(entry.Item, entry.Index)))
        {
            Merges = [.. vocabulary.Merges],
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(new Regex(Expression, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10)), null),
        };
        return BpeTokenizer.Create(options);
    }
}
