using System.Collections.Immutable;
using System.Text;
using Rubato.Models.Tokenizers;

namespace Rubato.Inference.Tests;

/// <summary>One token per byte below 96, shifted by 32; token 96 ends a text. Fits the vocabulary of <see cref="RandomModel"/>.</summary>
internal sealed class LetterTokenizer : ITokenizer
{
    private static readonly byte[][] Bytes = [.. Enumerable.Range(32, 96).Select(value => new[] { (byte)value })];

    public int VocabularySize => 97;

    public int? BeginOfText { get; init; }

    public int? EndOfText => 96;

    public ImmutableArray<int> StopTokens { get; init; } = [96];

    public int[] Encode(string text, bool addSpecial, bool parseSpecial) =>
        [.. addSpecial && BeginOfText is { } begin ? [begin] : Array.Empty<int>(), .. Encoding.ASCII.GetBytes(text).Select(value => value - 32)];

    public ReadOnlySpan<byte> TokenBytes(int token) => token == 96 ? default : Bytes[token];

    public string TokenText(int token) => token == 96 ? "<end>" : ((char)(token + 32)).ToString();

    public bool IsSpecial(int token) => token == 96;

    public string Decode(ReadOnlySpan<int> tokens) => string.Concat(tokens.ToArray().Where(token => token < 96).Select(TokenText));
}
