using System.Text;
using Rubato.Core;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Tokenizers;

public sealed class IncrementalDetokenizerTests
{
    [Fact]
    public void Pieces_join_to_the_whole_and_never_split_a_character()
    {
        Tokenizer[] tokenizers =
        [
            .. PreTokenizerRule.All.DistinctBy(rule => rule.Scanner).Select(rule => Tokenizer.From(TestVocabularies.ByteLevel(rule.Name))),
            Tokenizer.From(TestVocabularies.Scored(1, ties: false)), Tokenizer.From(TestVocabularies.Scored(2, ties: true, spacePrefix: false)),
        ];
        foreach (var tokenizer in tokenizers)
        {
            foreach (var text in TestVocabularies.TextsFor(7, 1_500))
            {
                AssertSame(tokenizer, tokenizer.Encode(text, addSpecial: true, parseSpecial: true));
            }
        }
    }

    [Fact]
    public void Any_tokens_in_any_order_do()
    {
        var tokenizer = Tokenizer.From(TestVocabularies.ByteLevel(size: 300));
        var root = new Prng(8);
        for (var i = 0; i < 20_000; i++)
        {
            var random = root.Split((ulong)i);
            // Mostly bytes above 127, which break UTF-8 in every way.
            AssertSame(tokenizer, [.. Enumerable.Range(0, random.NextInt32(12)).Select(_ => random.NextInt32(random.Chance(1, 4) ? 300 : 256))]);
        }
    }

    private static void AssertSame(Tokenizer tokenizer, int[] tokens)
    {
        var detokenizer = new IncrementalDetokenizer(tokenizer);
        var all = new StringBuilder();
        foreach (var token in tokens)
        {
            var piece = detokenizer.Append(token);
            Assert.Equal(piece, TestVocabularies.Repaired(piece));
            all.Append(piece);
        }

        all.Append(detokenizer.Flush());
        Assert.Equal(tokenizer.Decode(tokens), all.ToString());
    }
}
