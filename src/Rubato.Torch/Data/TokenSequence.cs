using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Tokenizers;

namespace Rubato.Torch.Data;

/// <summary>All tokens of a text, documents packed one after the other with the end-of-text token between them.</summary>
/// <param name="Tokens">The token ids.</param>
/// <param name="Counted">For each token whether predicting it counts in the loss; empty when all count.</param>
public sealed record TokenSequence(ImmutableArray<int> Tokens, ImmutableArray<bool> Counted)
{
    /// <summary>The target id of a token that does not count.</summary>
    public const long Ignored = -100;

    /// <summary>Packs <paramref name="documents"/>; every document is preceded and the last followed by the end-of-text token.</summary>
    /// <exception cref="RubatoException">The tokenizer has no end-of-text token.</exception>
    public static TokenSequence Pack(IEnumerable<string> documents, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var separator = Separator(tokenizer);
        var tokens = new List<int> { separator };
        foreach (var document in documents)
        {
            tokens.AddRange(tokenizer.Encode(document, addSpecial: false, parseSpecial: false));
            tokens.Add(separator);
        }

        return new([.. tokens], []);
    }

    /// <summary>Writes the tokens from <paramref name="start"/> on and what follows each of them.</summary>
    internal void Read(int start, Span<long> inputs, Span<long> targets)
    {
        var tokens = Tokens.AsSpan(start, inputs.Length + 1);
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = tokens[i];
            targets[i] = Counted.IsEmpty || Counted[start + i + 1] ? tokens[i + 1] : Ignored;
        }
    }

    internal static int Separator(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return tokenizer.EndOfText
            ?? throw new RubatoException("The tokenizer has no end-of-text token to put between documents; train a vocabulary with one.");
    }
}
