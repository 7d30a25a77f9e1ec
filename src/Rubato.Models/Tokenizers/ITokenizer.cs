using System.Collections.Immutable;

namespace Rubato.Models.Tokenizers;

/// <summary>Text to token ids and back. Implementations are immutable and safe to share between threads.</summary>
public interface ITokenizer
{
    /// <summary>Number of token ids; ids are 0 … VocabularySize − 1.</summary>
    int VocabularySize { get; }

    /// <summary>The token put before a text, or null when the model has none.</summary>
    int? BeginOfText { get; }

    /// <summary>The token that ends a text, or null when the model has none.</summary>
    int? EndOfText { get; }

    /// <summary>All tokens that end a generation (end of text, end of turn).</summary>
    ImmutableArray<int> StopTokens { get; }

    /// <summary>Encodes <paramref name="text"/> in time O(n log n) for any text. Invalid UTF-16 becomes U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecial">Put the begin-of-text token first where the model wants it.</param>
    /// <param name="parseSpecial">Recognise the spelling of special tokens inside the text; false treats it as plain text.</param>
    int[] Encode(string text, bool addSpecial, bool parseSpecial);

    /// <summary>The bytes that the token stands for; empty for control tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    ReadOnlySpan<byte> TokenBytes(int token);

    /// <summary>The token as the vocabulary spells it (special tokens included), for display.</summary>
    string TokenText(int token);

    /// <summary>Whether the token is a control token (not part of any text).</summary>
    bool IsSpecial(int token);

    /// <summary>Decodes to text; special tokens are left out, invalid UTF-8 becomes U+FFFD.</summary>
    string Decode(ReadOnlySpan<int> tokens);
}
