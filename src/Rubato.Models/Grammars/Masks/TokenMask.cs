using System.Numerics;

namespace Rubato.Models.Grammars.Masks;

/// <summary>A set of tokens: those that may come next.</summary>
internal sealed class TokenMask
{
    private readonly ulong[] _words;

    public TokenMask(int vocabularySize)
    {
        _words = new ulong[(vocabularySize + 63) / 64];
        VocabularySize = vocabularySize;
    }

    public int VocabularySize { get; }

    /// <summary>Whether every token is in the set; known after <see cref="Seal"/>.</summary>
    public bool AllowsAll { get; private set; }

    public bool this[int token] => (_words[token >> 6] >> (token & 63) & 1) != 0;

    public void Add(int token) => _words[token >> 6] |= 1UL << (token & 63);

    public TokenMask Seal()
    {
        AllowsAll = _words.Sum(BitOperations.PopCount) == VocabularySize;
        return this;
    }

    /// <summary>Sets the logits of all tokens outside the set to negative infinity; logits beyond the vocabulary as well.</summary>
    public void Forbid(Span<float> logits)
    {
        for (var w = 0; w < _words.Length && w * 64 < logits.Length; w++)
        {
            var word = _words[w];
            var part = logits[(w * 64)..Math.Min(logits.Length, (w * 64) + 64)];
            if (word == 0)
            {
                part.Fill(float.NegativeInfinity);
            }
            else if (word != ulong.MaxValue)
            {
                for (var bits = ~word; bits != 0; bits &= bits - 1)
                {
                    var place = BitOperations.TrailingZeroCount(bits);
                    if (place < part.Length)
                    {
                        part[place] = float.NegativeInfinity;
                    }
                }
            }
        }

        if (logits.Length > _words.Length * 64)
        {
            logits[(_words.Length * 64)..].Fill(float.NegativeInfinity);
        }
    }
}
