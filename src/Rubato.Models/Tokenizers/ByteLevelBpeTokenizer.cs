using System.Text;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tokenizers;

/// <summary>Byte-level BPE ("gpt2" vocabularies: GPT-2, Llama 3, Qwen and the vocabularies of <see cref="BpeTrainer"/>).</summary>
public sealed class ByteLevelBpeTokenizer : Tokenizer
{
    private readonly MergeTable _merges;
    private readonly PreTokenizer _preTokenizer;
    private readonly int[] _tokenOfByte;
    private readonly VocabularyIndex? _wholePieces;

    private ByteLevelBpeTokenizer(VocabularyIndex index, byte[][] bytes, MergeTable merges, int[] tokenOfByte)
        : base(index, bytes)
    {
        _merges = merges;
        _preTokenizer = PreTokenizer.Get(index.Vocabulary.PreTokenizer);
        _tokenOfByte = tokenOfByte;
        _wholePieces = PreTokenizer.Find(index.Vocabulary.PreTokenizer)!.TakesWholeTokens ? index : null;
    }

    internal static ByteLevelBpeTokenizer Make(VocabularyIndex index)
    {
        var tokenOfByte = new int[256];
        for (var value = 0; value < 256; value++)
        {
            var spelling = ByteLevelAlphabet.Spell((byte)value).ToString();
            tokenOfByte[value] = index.Find(spelling) ?? index.Vocabulary.Unknown ?? throw VocabularyIndex.Fault(
                $"has no token for the byte 0x{value:X2} (spelled {Printable.Quote(spelling)}) and no unknown token");
        }

        return new(index, BytesOfTokens(index), new(ReadMerges(index)), tokenOfByte);
    }

    internal static void CheckMerges(VocabularyIndex index) => _ = ReadMerges(index);

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
                TokenType.UserDefined => Encoding.UTF8.GetBytes(spelling),
                _ => ByteLevelAlphabet.TryUnspell(spelling, out var found) ? found : Encoding.UTF8.GetBytes(spelling),
            };
        }

        return bytes;
    }

    private static (int Left, int Right, int Rank, int Merged)[] ReadMerges(VocabularyIndex index)
    {
        var merges = index.Vocabulary.Merges.IsDefault ? [] : index.Vocabulary.Merges;
        var read = new (int, int, int, int)[merges.Length];
        for (var rank = 0; rank < merges.Length; rank++)
        {
            var text = merges[rank] ?? "";
            var space = text.IndexOf(' ', Math.Min(1, text.Length));
            if (space <= 0 || space == text.Length - 1)
            {
                throw VocabularyIndex.Fault($"has merge {rank} {Printable.Quote(text)}, which is not two spellings with a space between");
            }

            var (left, right) = (text[..space], text[(space + 1)..]);
            read[rank] = index.Find(left) is { } leftId && index.Find(right) is { } rightId && index.Find(left + right) is { } mergedId
                ? (leftId, rightId, rank, mergedId)
                : throw VocabularyIndex.Fault($"has merge {rank} {Printable.Quote(text)}, whose parts or result are not tokens");
        }

        return read;
    }

    private sealed class Encoder(ByteLevelBpeTokenizer tokenizer, List<int> output) : IPlainTextEncoder
    {
        private readonly SymbolMerger _merger = new(tokenizer._merges);
        private byte[] _bytes = new byte[256];
        private int[] _symbols = new int[256];

        public void Encode(ReadOnlySpan<char> text)
        {
            for (var start = 0; start < text.Length;)
            {
                var end = tokenizer._preTokenizer.EndOfPiece(text, start);
                EncodePiece(text[start..end]);
                start = end;
            }
        }

        private void EncodePiece(ReadOnlySpan<char> piece)
        {
            var most = Encoding.UTF8.GetMaxByteCount(piece.Length);
            if (most > _bytes.Length)
            {
                _bytes = new byte[most];
                _symbols = new int[most];
            }

            var count = Encoding.UTF8.GetBytes(piece, _bytes);
            if (tokenizer._wholePieces?.Find(ByteLevelAlphabet.Spell(_bytes.AsSpan(0, count))) is { } whole)
            {
                output.Add(whole);
                return;
            }

            for (var i = 0; i < count; i++)
            {
                _symbols[i] = tokenizer._tokenOfByte[_bytes[i]];
            }

            _merger.Merge(_symbols.AsSpan(0, count), output);
        }
    }
}
