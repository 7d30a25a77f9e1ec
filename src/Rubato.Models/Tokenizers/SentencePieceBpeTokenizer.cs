using System.Globalization;
using System.Text;

namespace Rubato.Models.Tokenizers;

/// <summary>
/// SentencePiece BPE ("llama" vocabularies: Llama 1 and 2, Mistral, Gemma): merges by score, spaces spelled ▁, bytes as a fallback.
/// </summary>
/// <remarks>
/// Texts are not cut into pieces first. A space goes before each stretch of plain text when the vocabulary asks for it, and decoding
/// keeps that space, because a stretch of generated text begins with one that counts.
/// </remarks>
public sealed class SentencePieceBpeTokenizer : Tokenizer
{
    private const char SpaceMark = '\u2581';
    private readonly MergeTable _merges;
    private readonly Dictionary<int, int> _symbolOfRune;
    private readonly int[] _tokenOfByte;

    private SentencePieceBpeTokenizer(VocabularyIndex index, byte[][] bytes, SentencePieceMerges merges, int[] tokenOfByte)
        : base(index, bytes)
    {
        _merges = new(merges.Merges);
        _symbolOfRune = merges.SymbolOfRune;
        _tokenOfByte = tokenOfByte;
    }

    internal static SentencePieceBpeTokenizer Make(VocabularyIndex index)
    {
        if (index.Vocabulary.Scores.IsDefaultOrEmpty)
        {
            throw VocabularyIndex.Fault("is of kind \"llama\" but has no scores");
        }

        var tokenOfByte = new int[256];
        for (var value = 0; value < 256; value++)
        {
            var spelling = string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");
            tokenOfByte[value] = index.Find(spelling) ?? index.Vocabulary.Unknown
                ?? throw VocabularyIndex.Fault($"has no token {spelling} and no unknown token");
        }

        return new(index, BytesOfTokens(index), new(index), tokenOfByte);
    }

    private protected override IPlainTextEncoder MakeEncoder(List<int> output) => new Encoder(this, output);

    private static byte[][] BytesOfTokens(VocabularyIndex index)
    {
        var bytes = new byte[index.Vocabulary.Tokens.Length][];
        for (var token = 0; token < bytes.Length; token++)
        {
            var spelling = index.Vocabulary.Tokens[token];
            bytes[token] = index.TypeOf(token) switch
            {
                TokenType.Control or TokenType.Unknown or TokenType.Unused => [],
                TokenType.Byte => [ParseByte(spelling, token)],
                TokenType.UserDefined => Encoding.UTF8.GetBytes(spelling),
                _ => Encoding.UTF8.GetBytes(spelling.Replace(SpaceMark, ' ')),
            };
        }

        return bytes;
    }

    private static byte ParseByte(string spelling, int token)
    {
        byte value = 0;
        var isByte = spelling.Length == 6 && spelling.StartsWith("<0x", StringComparison.Ordinal) && spelling[5] == '>'
            && byte.TryParse(spelling.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        return isByte ? value : throw VocabularyIndex.Fault($"has token {token} of type byte that is not spelled <0xNN>");
    }

    private sealed class Encoder(SentencePieceBpeTokenizer tokenizer, List<int> output) : IPlainTextEncoder
    {
        private readonly SymbolMerger _merger = new(tokenizer._merges);
        private readonly List<int> _merged = [];

        public void Encode(ReadOnlySpan<char> text)
        {
            var symbols = new List<int>(text.Length + 1);
            var unspelled = new List<Rune>();
            if (tokenizer.Vocabulary.AddSpacePrefix)
            {
                Add(new(SpaceMark), symbols, unspelled);
            }

            foreach (var rune in text.EnumerateRunes())
            {
                Add(rune.Value == ' ' ? new(SpaceMark) : rune, symbols, unspelled);
            }

            _merged.Clear();
            _merger.Merge(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(symbols), _merged);
            Emit(unspelled);
        }

        /// <summary>A rune in no token gets a negative symbol: the complement of its place in the list of such runes.</summary>
        private void Add(Rune rune, List<int> symbols, List<Rune> unspelled)
        {
            if (tokenizer._symbolOfRune.TryGetValue(rune.Value, out var symbol))
            {
                symbols.Add(symbol);
                return;
            }

            symbols.Add(~unspelled.Count - 1);
            unspelled.Add(rune);
        }

        private void Emit(List<Rune> unspelled)
        {
            foreach (var symbol in _merged)
            {
                if (symbol < 0)
                {
                    EmitBytes(unspelled[~(symbol + 1)]);
                }
                else if (symbol < tokenizer.VocabularySize)
                {
                    output.Add(symbol);
                }
                else
                {
                    EmitBytes(new(symbol - tokenizer.VocabularySize));
                }
            }
        }

        private void EmitBytes(Rune rune)
        {
            Span<byte> bytes = stackalloc byte[4];
            var count = rune.EncodeToUtf8(bytes);
            foreach (var value in bytes[..count])
            {
                output.Add(tokenizer._tokenOfByte[value]);
            }
        }
    }
}
