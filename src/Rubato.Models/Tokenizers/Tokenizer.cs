using System.Collections.Immutable;
using System.Text;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tokenizers;

/// <summary>What the tokenizers share: special tokens, spelling, decoding. <see cref="From"/> makes the right one for a vocabulary.</summary>
public abstract class Tokenizer : ITokenizer
{
    private readonly VocabularyIndex _index;
    private readonly TokenizerVocabulary _vocabulary;
    private readonly byte[][] _bytes;
    private readonly SpecialTokenMatcher _userDefined;
    private readonly SpecialTokenMatcher _special;

    private protected Tokenizer(VocabularyIndex index, byte[][] bytes)
    {
        _index = index;
        _vocabulary = index.Vocabulary;
        _bytes = bytes;
        _userDefined = new(index.OfTypes(TokenType.UserDefined));
        _special = new(index.OfTypes(TokenType.UserDefined, TokenType.Control, TokenType.Unknown));
        StopTokens = index.StopTokens();
    }

    /// <summary>Makes the tokenizer that the vocabulary describes.</summary>
    /// <exception cref="InvalidFormatException">The vocabulary contradicts itself or names a kind or rule that is not supported.</exception>
    public static Tokenizer From(TokenizerVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var index = new VocabularyIndex(vocabulary);
        return vocabulary.Model switch
        {
            "gpt2" => ByteLevelBpeTokenizer.Make(index),
            "llama" => SentencePieceBpeTokenizer.Make(index),
            var other => throw new InvalidFormatException($"Tokenizer model {Printable.Quote(other)} is not supported; supported are gpt2, llama."),
        };
    }

    /// <summary>Makes the tokenizer that a GGUF file holds.</summary>
    /// <exception cref="InvalidFormatException">The file holds none, its vocabulary contradicts itself, or is of a kind or rule that is not supported; the message names the file.</exception>
    public static Tokenizer FromGguf(GgufMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var vocabulary = TokenizerVocabulary.FromGguf(metadata);
        try
        {
            return From(vocabulary);
        }
        catch (InvalidFormatException e)
        {
            throw new InvalidFormatException($"{metadata.Source}: {e.Message}", e);
        }
    }

    /// <summary>Refuses what no program could make sense of: counts that differ, ids outside the vocabulary, merges of what are no tokens.</summary>
    /// <exception cref="InvalidFormatException">The vocabulary contradicts itself. A kind or rule that is not supported here is no contradiction.</exception>
    internal static void CheckConsistency(TokenizerVocabulary vocabulary)
    {
        var index = new VocabularyIndex(vocabulary);
        if (vocabulary.Model == "gpt2")
        {
            ByteLevelBpeTokenizer.CheckMerges(index);
        }
    }

    /// <summary>What the tokenizer was made from.</summary>
    public TokenizerVocabulary Vocabulary => _vocabulary;

    /// <inheritdoc/>
    public int VocabularySize => _vocabulary.Tokens.Length;

    /// <inheritdoc/>
    public int? BeginOfText => _vocabulary.BeginOfText;

    /// <inheritdoc/>
    public int? EndOfText => _vocabulary.EndOfText;

    /// <inheritdoc/>
    public ImmutableArray<int> StopTokens { get; }

    /// <inheritdoc/>
    public int[] Encode(string text, bool addSpecial, bool parseSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        var output = new List<int>(16 + text.Length / 3);
        if (addSpecial && _vocabulary.AddBeginOfText && BeginOfText is { } begin)
        {
            output.Add(begin);
        }

        var matcher = parseSpecial ? _special : _userDefined;
        var encoder = MakeEncoder(output);
        for (var start = 0; start < text.Length;)
        {
            var found = matcher.TryFind(text, start, out var position, out var length, out var token);
            if (position > start)
            {
                encoder.Encode(text.AsSpan(start, position - start));
            }

            if (found)
            {
                output.Add(token);
            }

            start = position + length;
        }

        if (addSpecial && _vocabulary.AddEndOfText && EndOfText is { } end)
        {
            output.Add(end);
        }

        return [.. output];
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> TokenBytes(int token) => _bytes[Checked(token)];

    /// <inheritdoc/>
    public string TokenText(int token) => _vocabulary.Tokens[Checked(token)];

    /// <inheritdoc/>
    public bool IsSpecial(int token) =>
        _index.TypeOf(Checked(token)) is TokenType.Control or TokenType.Unknown or TokenType.Unused;

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var length = 0;
        foreach (var token in tokens)
        {
            length += TokenBytes(token).Length;
        }

        var bytes = new byte[length];
        var written = 0;
        foreach (var token in tokens)
        {
            var piece = TokenBytes(token);
            piece.CopyTo(bytes.AsSpan(written));
            written += piece.Length;
        }

        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>An encoder of plain text for one call of <see cref="Encode"/>; it may keep buffers.</summary>
    private protected abstract IPlainTextEncoder MakeEncoder(List<int> output);

    private int Checked(int token) => token >= 0 && token < _bytes.Length
        ? token
        : throw new ArgumentOutOfRangeException(nameof(token), token, $"The vocabulary has {_bytes.Length} tokens.");
}

/// <summary>Encodes stretches of text that hold no special token.</summary>
internal interface IPlainTextEncoder
{
    /// <summary>Appends the tokens of <paramref name="text"/>, which is not empty.</summary>
    void Encode(ReadOnlySpan<char> text);
}
