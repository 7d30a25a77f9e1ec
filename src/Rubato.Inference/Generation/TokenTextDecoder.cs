using System.Text;
using Rubato.Models.Tokenizers;

namespace Rubato.Inference.Generation;

/// <summary>Turns a stream of tokens into text: bytes of a character that is not complete yet are held back.</summary>
/// <remarks>Concatenated, the pieces equal the decoding of all bytes at once; invalid UTF-8 becomes U+FFFD.</remarks>
public sealed class TokenTextDecoder(ITokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>The text that became complete with <paramref name="token"/>.</summary>
    /// <param name="token">Token id.</param>
    /// <param name="isLast">No token follows: what is held back comes out, as U+FFFD.</param>
    public string Append(int token, bool isLast)
    {
        var bytes = tokenizer.IsSpecial(token) ? default : tokenizer.TokenBytes(token);
        var characters = new char[_decoder.GetCharCount(bytes, isLast)];
        var count = _decoder.GetChars(bytes, characters, isLast);
        return new(characters, 0, count);
    }
}
