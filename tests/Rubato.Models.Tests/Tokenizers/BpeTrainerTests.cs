using System.Text;
using Rubato.Core;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Tokenizers;

public sealed class BpeTrainerTests
{
    [Fact]
    public void Merges_equal_those_of_counting_everything_anew()
    {
        var root = new Prng(5);
        for (var run = 0; run < 20; run++)
        {
            var random = root.Split((ulong)run);
            var texts = Enumerable.Range(0, 8).Select(_ => RandomText.Next(random, 40, onePlane: true)).Append(TestVocabularies.Sample).ToArray();
            var options = new BpeTrainerOptions { VocabularySize = 256 + 4 + 60, PreTokenizer = "gpt-2", MaximumPieceBytes = 1_000 };
            Assert.Equal(NaiveTraining(texts, 60), BpeTrainer.Train(texts, options).Merges);
        }
    }

    [Fact]
    public void Vocabulary_is_the_same_every_time_and_has_the_size_asked_for()
    {
        var first = TestVocabularies.ByteLevel();
        var second = TestVocabularies.ByteLevel();
        Assert.Equal(500, first.Tokens.Length);
        Assert.Equal(first.Tokens, second.Tokens);
        Assert.Equal(first.Merges, second.Merges);
        Assert.Equal(first.Tokens.Length, first.Tokens.Distinct().Count());
        Assert.Equal(BpeTrainerOptions.EndOfText, first.Tokens[first.EndOfText!.Value]);
        Assert.Equal(BpeTrainerOptions.TurnEnd, first.Tokens[first.EndOfTurn!.Value]);
    }

    [Fact]
    public void Small_text_gives_a_small_vocabulary()
    {
        var vocabulary = BpeTrainer.Train(["ab ab"], new() { VocabularySize = 4096 });
        Assert.Equal(256 + 1 + 4, vocabulary.Tokens.Length);
        Assert.Equal(["a b"], vocabulary.Merges);
    }

    [Theory]
    [InlineData(259)]
    [InlineData(1_000_001)]
    public void Size_outside_its_range_is_refused(int size)
    {
        var error = Assert.Throws<InvalidOptionException>(() => BpeTrainer.Train(["a"], new() { VocabularySize = size }));
        Assert.Contains($"Vocabulary size {size}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Special_tokens_must_be_distinct()
    {
        var options = new BpeTrainerOptions { ExtraSpecialTokens = [BpeTrainerOptions.Padding] };
        Assert.Throws<InvalidOptionException>(() => BpeTrainer.Train(["a"], options));
    }

    private static List<string> NaiveTraining(string[] texts, int merges)
    {
        var preTokenizer = PreTokenizer.Get("gpt-2");
        var words = new List<List<int>>();
        foreach (var text in texts)
        {
            for (int start = 0, end; start < text.Length; start = end)
            {
                end = preTokenizer.EndOfPiece(text, start);
                words.Add([.. Encoding.UTF8.GetBytes(text[start..end]).Select(value => (int)value)]);
            }
        }

        var spellings = Enumerable.Range(0, 256).Select(value => ByteLevelAlphabet.Spell((byte)value).ToString()).ToList();
        var learned = new List<string>();
        while (spellings.Count < 256 + merges)
        {
            var pairs = words.SelectMany(word => word.Zip(word.Skip(1))).CountBy(pair => pair).Where(pair => pair.Value >= 2).ToList();
            if (pairs.Count == 0)
            {
                break;
            }

            var (left, right) = pairs.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;
            learned.Add($"{spellings[left]} {spellings[right]}");
            var known = spellings.IndexOf(spellings[left] + spellings[right]);
            var merged = known >= 0 ? known : spellings.Count;
            if (known < 0)
            {
                spellings.Add(spellings[left] + spellings[right]);
            }

            words.ForEach(word => Join(word, left, right, merged));
        }

        return learned;
    }

    private static void Join(List<int> word, int left, int right, int merged)
    {
        for (var i = 0; i + 1 < word.Count; i++)
        {
            if (word[i] == left && word[i + 1] == right)
            {
                word[i] = merged;
                word.RemoveAt(i + 1);
            }
        }
    }
}
