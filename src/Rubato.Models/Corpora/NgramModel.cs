using System.Text;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Corpora;

/// <summary>An n-gram language model over bytes or tokens: the baseline that a trained model has to beat on held-out text.</summary>
/// <remarks>Memory: about 60 bytes for each distinct n-gram of any order; training reads each document once.</remarks>
public sealed class NgramModel
{
    private readonly KneserNey _model;
    private readonly Func<string, int[]> _symbols;

    private NgramModel(IEnumerable<string> documents, Func<string, int[]> symbols, int alphabet, int order)
    {
        _symbols = symbols;
        _model = new(documents.Select(symbols), alphabet, order);
    }

    /// <summary>Learns the bytes of UTF-8 documents.</summary>
    /// <param name="documents">The training text, one document each.</param>
    /// <param name="order">Symbols per n-gram, 1 to 32.</param>
    public static NgramModel OverBytes(IEnumerable<string> documents, int order = 5) =>
        new(documents, static text => [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)], 256, order);

    /// <summary>Learns the tokens of documents.</summary>
    /// <param name="documents">The training text, one document each.</param>
    /// <param name="tokenizer">Cuts documents into tokens; special tokens are not looked for.</param>
    /// <param name="order">Tokens per n-gram, 1 to 32.</param>
    public static NgramModel OverTokens(IEnumerable<string> documents, ITokenizer tokenizer, int order = 5)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new(documents, text => tokenizer.Encode(text, addSpecial: false, parseSpecial: false), tokenizer.VocabularySize, order);
    }

    /// <summary>
    /// Bits per byte of UTF-8 that the model needs for the documents, each from its beginning; the end of each document is predicted too.
    /// </summary>
    /// <returns>Not a number when the documents hold no bytes.</returns>
    public double BitsPerByte(IEnumerable<string> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var bits = 0.0;
        long bytes = 0;
        foreach (var text in documents)
        {
            bytes += Encoding.UTF8.GetByteCount(text);
            var padded = _model.Padded(_symbols(text));
            for (var i = 1; i < padded.Length; i++)
            {
                bits -= Math.Log2(_model.Probability(padded.AsSpan(0, i), padded[i]));
            }
        }

        return bits / bytes;
    }
}
