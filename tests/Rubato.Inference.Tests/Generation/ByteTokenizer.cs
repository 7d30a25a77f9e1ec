using System.Collections.Immutable;
using Rubato.Models.Tokenizers;

namespace Rubato.Inference.Tests.Generation;

/// <summary>One token per byte; token 256 ends a text.</summary>
internal sealed class ByteTokenizer : ITokenizer
{
    public const int End = 256;

    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    public int VocabularySize => 257;

    public int? BeginOfText => null;

    public int? EndOfText => End;

    public ImmutableArray<int> StopTokens => [End];

    public int[] Encode(string text, bool addSpecial, bool parseSpecial) =>
        [.. System.Text.Encoding.UTF8.GetBytes(text).Select(value => (int)value)];

    public ReadOnlySpan<byte> TokenBytes(int token) => token == End ? default : Bytes.AsSpan(token, 1);

    public string TokenText(int token) => token.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public bool IsSpecial(int token) => token == End;

    public string Decode(ReadOnlySpan<int> tokens) =>
        System.Text.Encoding.UTF8.GetString([.. tokens.ToArray().Where(token => token < End).Select(token => (byte)token)]);
}
