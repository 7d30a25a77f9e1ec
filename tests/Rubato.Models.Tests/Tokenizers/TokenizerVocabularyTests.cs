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
                var bound = HostileInputBound.Start();
                var tokenizer = Tokenizer.From(vocabulary);
                bound.Check($"run {run}");
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

    /// <summary>Vocabularies at their bounds, of the shapes that cost the most.</summary>
    [Fact]
    public void Huge_vocabularies_are_refused_or_made_within_bounds()
    {
        var random = new Prng(5);
        var letters = string.Concat(Enumerable.Range(0, 512).Select(_ => (char)('a' + random.NextInt32(26))));
        var bytes = Enumerable.Range(0, 256).Select(value => ByteLevelAlphabet.Spell((byte)value).ToString()).ToArray();
        string[] Stretches(int of) => [.. Enumerable.Range(0, of).SelectMany(start => Enumerable.Range(1, of - start).Select(length => letters.Substring(start, length)))];
        string[] Long(int count, int length) => [.. Enumerable.Range(0, count).Select(i => $"{i:X8}" + new string('a', length - 8))];
        string[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => $"x{i:X}")];
        foreach (var (vocabulary, label, refusal) in new[]
        {
            (Scored(Stretches(260)), "every stretch of a text is a token", "implies more than"),
            (Scored(Stretches(200)), "every stretch of a shorter text is a token", null),
            (Scored(Long(30_000, 512)), "long tokens", "would take too long"),
            (Scored(Many(900_000)), "many tokens", null),
            (Scored(Many(1_000_001)), "too many tokens", "more than 1000000"),
            (Scored(["a", new string('a', 1_000_000)]) with { Types = [.. Enumerable.Repeat(TokenType.UserDefined, 259)] }, "a long token to look for", "looked for in texts"),
            (Scored(Long(3_900, 256)) with { Types = [.. Enumerable.Repeat(TokenType.Control, 4_157)] }, "many tokens to look for", null),
            (Scored(Long(9_000, 256)) with { Types = [.. Enumerable.Repeat(TokenType.Control, 9_257)] }, "too many tokens to look for", "looked for in texts"),
            (new() { Model = "gpt2", Tokens = [.. bytes, .. Many(300_000)], Merges = [.. Enumerable.Repeat("x 1", 1_999_999)] }, "one merge again and again", null),
            (new() { Model = "gpt2", Tokens = [.. bytes], Merges = [.. Enumerable.Repeat("a b", 2_000_001)] }, "too many merges", "more than 2000000"),
            (new() { Model = "gpt2", Tokens = [.. bytes, new string('a', 30_000_000)], Merges = [new string('a', 29_999_999) + " a"] }, "a huge merge", "are not tokens"),
        })
        {
            var bound = HostileInputBound.Start();
            try
            {
                var tokenizer = Tokenizer.From(vocabulary);
                bound.Check(label);
                Assert.Null(refusal);
                bound = HostileInputBound.Start();
                _ = tokenizer.Encode(letters + new string('a', 100_000), addSpecial: true, parseSpecial: true);
                bound.Check($"{label}, encoding");
            }
            catch (InvalidFormatException e)
            {
                bound.Check(label);
                Assert.Contains(refusal ?? "nothing", e.Message, StringComparison.Ordinal);
                Assert.True(e.Message.Length < 1_000, label);
            }
        }
    }

    private static TokenizerVocabulary Scored(string[] pieces)
    {
        string[] tokens = ["<unk>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), .. pieces];
        return new() { Model = "llama", Tokens = [.. tokens], Scores = [.. tokens.Select((_, id) => (float)-id)], Unknown = 0 };
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
