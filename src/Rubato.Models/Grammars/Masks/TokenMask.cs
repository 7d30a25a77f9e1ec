using System.Numerics;
using System.Runtime.Intrinsics;

namespace Rubato.Models.Grammars.Masks;

/// <summary>A set of tokens: those that may come next.</summary>
internal sealed class TokenMask
{
    private static readonly Vector256<int> BitOfLane = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);

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

    /// <summary>Adds the tokens of another set of the same vocabulary.</summary>
    public void Add(TokenMask other)
    {
        var others = other._words;
        var words = _words.AsSpan(0, others.Length);
        var i = 0;
        for (; i <= words.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            (new Vector<ulong>(words[i..]) | new Vector<ulong>(others, i)).CopyTo(words[i..]);
        }

        for (; i < words.Length; i++)
        {
            words[i] |= others[i];
        }
    }

    public TokenMask Seal()
    {
        var count = 0;
        foreach (var word in _words)
        {
            count += BitOperations.PopCount(word);
        }

        AllowsAll = count == VocabularySize;
        return this;
    }

    /// <summary>Sets the logits of all tokens outside the set to negative infinity; logits beyond the vocabulary as well.</summary>
    public void Forbid(Span<float> logits)
    {
        var whole = Math.Min(_words.Length, logits.Length / 64);
        for (var w = 0; w < whole; w++)
        {
            var word = _words[w];
            if (word != ulong.MaxValue)
            {
                ForbidWord(word, logits.Slice(w * 64, 64));
            }
        }

        for (var token = whole * 64; token < logits.Length; token++)
        {
            if (token >= VocabularySize || !this[token])
            {
                logits[token] = float.NegativeInfinity;
            }
        }
    }

    private static void ForbidWord(ulong word, Span<float> logits)
    {
        if (word == 0)
        {
            logits.Fill(float.NegativeInfinity);
            return;
        }

        var forbidden = Vector256.Create(float.NegativeInfinity);
        for (var i = 0; i < 64; i += 8)
        {
            var lanes = logits.Slice(i, 8);
            var isOut = Vector256.Equals(Vector256.Create((int)(word >> i & 0xFF)) & BitOfLane, Vector256<int>.Zero).AsSingle();
            Vector256.ConditionalSelect(isOut, forbidden, Vector256.Create<float>(lanes)).CopyTo(lanes);
        }
    }
}
