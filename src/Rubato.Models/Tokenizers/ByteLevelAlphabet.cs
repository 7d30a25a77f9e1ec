using System.Diagnostics.CodeAnalysis;

namespace Rubato.Models.Tokenizers;

/// <summary>GPT-2's one-to-one map between bytes and printable characters, which lets vocabularies spell any bytes as text.</summary>
/// <remarks>
/// Bytes that are printable in Latin-1 (33–126, 161–172, 174–255) stand for themselves; the others, in ascending order, for the
/// characters from U+0100 on. Source: Radford et al., "Language Models are Unsupervised Multitask Learners", 2019.
/// </remarks>
internal static class ByteLevelAlphabet
{
    private const int Highest = 0x143;
    private static readonly char[] CharacterOfByte = MakeCharacters();
    private static readonly short[] ByteOfCharacter = MakeBytes();

    /// <summary>The character that spells <paramref name="value"/>.</summary>
    public static char Spell(byte value) => CharacterOfByte[value];

    /// <summary>The spelling of bytes.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        Span<char> characters = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            characters[i] = CharacterOfByte[bytes[i]];
        }

        return new(characters);
    }

    /// <summary>The bytes that <paramref name="spelling"/> stands for; false when a character is not of the alphabet.</summary>
    public static bool TryUnspell(string spelling, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = new byte[spelling.Length];
        for (var i = 0; i < spelling.Length; i++)
        {
            var c = spelling[i];
            if (c > Highest || ByteOfCharacter[c] < 0)
            {
                bytes = null;
                return false;
            }

            bytes[i] = (byte)ByteOfCharacter[c];
        }

        return true;
    }

    private static char[] MakeCharacters()
    {
        var characters = new char[256];
        var next = (char)256;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
            characters[value] = printable ? (char)value : next++;
        }

        return characters;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[Highest + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++)
        {
            bytes[CharacterOfByte[value]] = (short)value;
        }

        return bytes;
    }
}
