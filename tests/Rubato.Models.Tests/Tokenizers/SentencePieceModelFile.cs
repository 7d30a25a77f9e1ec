using System.Text;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Tokenizers;

/// <summary>Writes a vocabulary as a SentencePiece model file (protocol buffers), which the comparison library wants and folders hold.</summary>
internal static class SentencePieceModelFile
{
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="kind">2 for BPE.</param>
    /// <param name="map">A map of characters to replace, normally empty.</param>
    /// <param name="removesSpaces">Whether repeated spaces are removed.</param>
    public static byte[] Write(TokenizerVocabulary vocabulary, int kind = 2, string map = "", bool removesSpaces = false)
    {
        var file = new MemoryStream();
        for (var id = 0; id < vocabulary.Tokens.Length; id++)
        {
            var piece = new MemoryStream();
            Bytes(piece, 1, Encoding.UTF8.GetBytes(vocabulary.Tokens[id]));
            piece.WriteByte((2 << 3) | 5);
            piece.Write(BitConverter.GetBytes(vocabulary.Scores[id]));
            Number(piece, 3, (int)vocabulary.Types[id]);
            Bytes(file, 1, piece.ToArray());
        }

        var trainer = new MemoryStream();
        Number(trainer, 3, kind);
        Number(trainer, 35, 1);
        Number(trainer, 40, 0);
        Number(trainer, 41, 1);
        Number(trainer, 42, 2);
        Bytes(file, 2, trainer.ToArray());
        var normalizer = new MemoryStream();
        Bytes(normalizer, 1, "identity"u8.ToArray());
        Bytes(normalizer, 2, Encoding.UTF8.GetBytes(map));
        Number(normalizer, 3, vocabulary.AddSpacePrefix ? 1 : 0);
        Number(normalizer, 4, removesSpaces ? 1 : 0);
        Number(normalizer, 5, 1);
        Bytes(file, 3, normalizer.ToArray());
        return file.ToArray();
    }

    private static void Bytes(MemoryStream stream, int field, byte[] value)
    {
        Variable(stream, (field << 3) | 2);
        Variable(stream, value.Length);
        stream.Write(value);
    }

    private static void Number(MemoryStream stream, int field, int value)
    {
        Variable(stream, field << 3);
        Variable(stream, value);
    }

    private static void Variable(MemoryStream stream, int value)
    {
        for (; value >= 128; value >>= 7)
        {
            stream.WriteByte((byte)(value & 127 | 128));
        }

        stream.WriteByte((byte)value);
    }
}
