using System.Text;

namespace Rubato.Models.Tokenizers;

/// <summary>Turns a stream of tokens into pieces of text; a character whose bytes come in several tokens appears once it is whole.</summary>
/// <remarks>
/// All pieces together, with <see cref="Flush"/>, equal <see cref="ITokenizer.Decode"/> of all tokens. A piece never ends inside a
/// surrogate pair. One instance serves one stream.
/// </remarks>
public sealed class IncrementalDetokenizer(ITokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _characters = new char[64];

    /// <summary>Adds a token; the text that became whole with it, often empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public string Append(int token) => Decode(tokenizer.TokenBytes(token), flush: false);

    /// <summary>The rest at the end of the stream: U+FFFD when the last character is not whole, else empty.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        var most = _decoder.GetCharCount(bytes, flush);
        if (most > _characters.Length)
        {
            _characters = new char[most];
        }

        var count = _decoder.GetChars(bytes, _characters, flush);
        return count == 0 ? "" : new(_characters, 0, count);
    }
}
