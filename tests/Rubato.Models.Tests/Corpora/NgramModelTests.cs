using System.Text;
using Rubato.Core;
using Rubato.Models.Corpora;
using Rubato.Models.Tests.Tokenizers;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Corpora;

public sealed class NgramModelTests
{
    [Fact]
    public void Probabilities_of_all_symbols_sum_to_one()
    {
        var root = new Prng(51);
        for (var run = 0; run < 60; run++)
        {
            var random = root.Split((ulong)run);
            var symbols = random.NextInt32(1, 12);
            var sequences = Enumerable.Range(0, random.NextInt32(30)).Select(_ => Sequence(random, symbols)).ToArray();
            var model = new KneserNey(sequences, symbols, random.NextInt32(1, 6));
            for (var i = 0; i < 50; i++)
            {
                int[] context = random.Chance(1, 2) ? Sequence(random, symbols) : model.Padded(Sequence(random, symbols))[..^1];
                var sum = Enumerable.Range(0, symbols + 1).Sum(symbol => Positive(model.Probability(context, symbol)));
                Assert.InRange(sum, 1 - 1e-9, 1 + 1e-9);
            }
        }
    }

    [Fact]
    public void Bits_per_byte_are_those_of_the_probabilities()
    {
        string[] training = ["abracadabra", "cadabra"];
        const string Text = "abrab";
        var model = new KneserNey(training.Select(Bytes), 256, 5);
        var padded = model.Padded(Bytes(Text));
        var bits = Enumerable.Range(1, padded.Length - 1).Sum(i => -Math.Log2(model.Probability(padded.AsSpan(0, i), padded[i])));
        Assert.Equal(bits / 5, NgramModel.OverBytes(training).BitsPerByte([Text]), 12);
    }

    [Fact]
    public void Seen_text_needs_fewer_bits_than_text_in_another_order()
    {
        var sentences = TestVocabularies.Sample.Split('\n');
        var shuffled = sentences.Select((sentence, i) => Shuffled(sentence, new Prng((ulong)i))).ToArray();
        NgramModel[] models =
        [
            NgramModel.OverBytes(sentences), NgramModel.OverTokens(sentences, Tokenizer.From(TestVocabularies.ByteLevel())),
        ];
        foreach (var model in models)
        {
            Assert.InRange(model.BitsPerByte(sentences) * 2, 0, model.BitsPerByte(shuffled));
        }
    }

    [Fact]
    public void An_empty_corpus_gives_the_uniform_distribution()
    {
        var model = new KneserNey([], 3, 5);
        Assert.Equal(0.25, model.Probability([], 2));
        Assert.Equal(0.25, model.Probability([0, 1], model.End));
    }

    private static int[] Bytes(string text) => [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)];

    private static int[] Sequence(Prng random, int symbols) =>
        [.. Enumerable.Range(0, random.NextInt32(20)).Select(_ => random.NextInt32(random.Chance(1, 2) ? Math.Min(2, symbols) : symbols))];

    private static double Positive(double probability)
    {
        Assert.InRange(probability, double.Epsilon, 1);
        return probability;
    }

    private static string Shuffled(string text, Prng random)
    {
        var units = text.Where(unit => !char.IsSurrogate(unit)).ToArray();
        random.Shuffle<char>(units);
        return new(units);
    }
}
