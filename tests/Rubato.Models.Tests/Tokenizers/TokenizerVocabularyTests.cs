using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Tokenizers;

public sealed class TokenizerVocabularyTests
{
    [Fact]
    public void Vocabularies_survive_a_file()
    {
        foreach (var vocabulary in new[] { TestVocabularies.ByteLevel(), TestVocabularies.Scored(1, ties: false) with { EndOfTurn = 2, ChatTemplate = "x" } })
        {
            var writer = new GgufWriter();
            vocabulary.WriteTo(writer);
            var read = TokenizerVocabulary.FromGguf(writer.Metadata);
            Assert.Equal(vocabulary.Tokens, read.Tokens);
            Assert.Equal(vocabulary.Scores, read.Scores);
            Assert.Equal(vocabulary.Types, read.Types);
            Assert.Equal(vocabulary.Merges, read.Merges);
            Assert.Equal(Scalars(vocabulary), Scalars(read));
            var text = TestVocabularies.Sample;
            Assert.Equal(Tokenizer.From(vocabulary).Encode(text, true, true), Tokenizer.From(read).Encode(text, true, true));
        }
    }

    [Fact]
    public void What_a_file_leaves_out_is_what_llama_cpp_assumes()
    {
        var writer = new GgufWriter();
        writer.Set("tokenizer.ggml.model", "llama");
        writer.Set("tokenizer.ggml.tokens", GgufArray.Of<string>(["<unk>", "<s>", "</s>"]));
        var read = TokenizerVocabulary.FromGguf(writer.Metadata);
        Assert.Equal((1, 2, 0), (read.BeginOfText, read.EndOfText, read.Unknown));
        Assert.True(read is { AddBeginOfText: true, AddEndOfText: false, AddSpacePrefix: true, PreTokenizer: "default" });
    }

    [Fact]
    public void Faults_are_named()
    {
        var good = TestVocabularies.ByteLevel();
        var scored = TestVocabularies.Scored(1, ties: false);
        AssertRefused(good with { Model = "bert" }, "'bert' is not supported");
        AssertRefused(good with { PreTokenizer = "viking" }, "'viking' is not supported");
        AssertRefused(good with { Tokens = [] }, "has no tokens");
        AssertRefused(good with { Types = [TokenType.Normal] }, "500 tokens but 1 token types");
        AssertRefused(good with { EndOfText = 500 }, "names 500 as its end-of-text token");
        AssertRefused(good with { Merges = ["ab"] }, "merge 0 'ab'");
        AssertRefused(good with { Merges = ["Q Q"] }, "are not tokens");
        AssertRefused(good with { Tokens = good.Tokens.SetItem(65, "AAAA") }, "no token for the byte 0x41");
        AssertRefused(scored with { Scores = [] }, "no scores");
        AssertRefused(scored with { Scores = scored.Scores.SetItem(300, float.NaN) }, "score of token 300");
        AssertRefused(scored with { Tokens = scored.Tokens.SetItem(3, "<0xZZ>") }, "not spelled <0xNN>");
    }

    /// <summary>Lying merges, repeated tokens, missing bytes, wrong types: a vocabulary is refused, or its tokenizer encodes and decodes.</summary>
    [Fact]
    public void Mutated_vocabularies_are_refused_or_work()
    {
        var root = new Prng(77);
        int refused = 0, worked = 0;
        TokenizerVocabulary[] bases =
        [
            BpeTrainer.Train([TestVocabularies.Sample], new() { VocabularySize = 290 }),
            BpeTrainer.Train([TestVocabularies.Sample], new() { VocabularySize = 290, PreTokenizer = "llama-bpe" }),
            Small(TestVocabularies.Scored(1, ties: true)),
        ];
        for (var run = 0; run < FuzzScale.Times(100_000); run++)
        {
            var random = root.Split((ulong)run);
            var vocabulary = bases[random.NextInt32(bases.Length)];
            for (var i = random.NextInt32(1, 4); i > 0; i--)
            {
                vocabulary = VocabularyMutator.Mutate(vocabulary, random);
            }

            try
            {
                var tokenizer = Tokenizer.From(vocabulary);
                var tokens = tokenizer.Encode(RandomText.Next(random, 4, broken: true), random.Chance(1, 2), random.Chance(1, 2));
                Assert.All(tokens, token => Assert.InRange(token, 0, tokenizer.VocabularySize - 1));
                tokenizer.Decode(tokens);
                worked++;
            }
            catch (InvalidFormatException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 10_000, int.MaxValue);
        Assert.InRange(worked, 10_000, int.MaxValue);
    }

    private static TokenizerVocabulary Small(TokenizerVocabulary vocabulary) => vocabulary with
    {
        Tokens = vocabulary.Tokens[..300],
        Types = vocabulary.Types[..300],
        Scores = vocabulary.Scores[..300],
    };

    private static object Scalars(TokenizerVocabulary v) =>
        (v.Model, v.PreTokenizer, v.BeginOfText, v.EndOfText, v.EndOfTurn, v.Unknown, v.Padding, (v.AddBeginOfText, v.AddEndOfText, v.AddSpacePrefix, v.ChatTemplate));

    private static void AssertRefused(TokenizerVocabulary vocabulary, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidFormatException>(() => Tokenizer.From(vocabulary)).Message, StringComparison.Ordinal);
}
