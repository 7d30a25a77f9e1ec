using Rubato.Core;
using Rubato.Models.Grammars;

namespace Rubato.Models.Tests.Grammars;

/// <summary>A model with random logits under a grammar. Its taste for closing brackets grows, so that most outputs end.</summary>
internal sealed class RandomModel(RandomVocabulary vocabulary, Prng random)
{
    private static readonly HashSet<string> Closing = ["\"", "}", "]", "\"}", "}]", "<end>"];

    /// <summary>The tokens of an output, without the end; null when it is not complete after so many.</summary>
    public List<int>? Write(TokenGrammar grammar, int tokensMax, bool isGreedy = false)
    {
        var cursor = grammar.Begin();
        var tokens = new List<int>();
        while (tokens.Count < tokensMax)
        {
            var logits = new float[vocabulary.VocabularySize + 3];
            for (var token = 0; token < logits.Length; token++)
            {
                logits[token] = isGreedy ? (float)random.NextDouble() : -(float)Math.Log(-Math.Log(0.5 + (0.4999 * random.NextDouble())));
                if (token < vocabulary.VocabularySize && Closing.Contains(vocabulary.TokenText(token)))
                {
                    logits[token] += tokens.Count / 20f;
                }
            }

            cursor.Forbid(logits);
            var best = Array.IndexOf(logits, logits.Max());
            Assert.True(float.IsFinite(logits[best]), $"nothing may follow {vocabulary.Decode([.. tokens])}");
            Assert.True(cursor.Allows(best));
            if (best == vocabulary.End)
            {
                Assert.True(cursor.IsComplete);
                return tokens;
            }

            cursor.Advance(best, vocabulary);
            Assert.False(cursor.IsDead);
            tokens.Add(best);
        }

        return cursor.IsFinal ? tokens : null;
    }
}
