using System.Globalization;
using System.Text;

namespace Rubato.Models.Tokenizers;

/// <summary>
/// The pieces that llama.cpp uses for files that name no other rule: runs of punctuation stand alone; between them GPT-2's pieces,
/// from which runs of numbers are cut out, and of those groups of three ASCII digits.
/// </summary>
internal sealed class DefaultPreTokenizer : PreTokenizer
{
    public override int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        if (IsPunctuation(text, start, out _))
        {
            return EndOfPunctuation(text, start);
        }

        var first = CharacterClasses.At(text, start, out _);
        if (first == CharacterClass.Number)
        {
            return EndOfDigits(text, start);
        }

        if ((first & CharacterClass.WhiteSpace) == 0)
        {
            return EndOfBody(text, start, first);
        }

        if (text[start] == ' ' && start + 1 < text.Length && !IsPunctuation(text, start + 1, out _))
        {
            var second = CharacterClasses.At(text, start + 1, out _);
            if ((second & (CharacterClass.WhiteSpace | CharacterClass.Number)) == 0)
            {
                return EndOfBody(text, start + 1, second);
            }
        }

        return EndOfWhiteSpace(text, start);
    }

    private static int EndOfWhiteSpace(ReadOnlySpan<char> text, int start)
    {
        var end = CharacterClasses.EndOfWhiteSpace(text, start);
        var wordFollows = end < text.Length && !IsPunctuation(text, end, out _);
        return wordFollows && end - start > 1 ? end - 1 : end;
    }

    private static int EndOfBody(ReadOnlySpan<char> text, int start, CharacterClass first)
    {
        var end = start;
        var wanted = (first & CharacterClass.Letter) != 0 ? CharacterClass.Letter : CharacterClass.Other;
        while (end < text.Length && (CharacterClasses.At(text, end, out var length) & wanted) != 0 && !IsPunctuation(text, end, out _))
        {
            end += length;
        }

        return end;
    }

    private static int EndOfDigits(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        while (end < text.Length && CharacterClasses.At(text, end, out var length) == CharacterClass.Number)
        {
            if (IsTriple(text, end))
            {
                return end == start ? end + 3 : end;
            }

            end += length;
        }

        return end;
    }

    private static bool IsTriple(ReadOnlySpan<char> text, int position) =>
        position + 3 <= text.Length
        && char.IsAsciiDigit(text[position]) && char.IsAsciiDigit(text[position + 1]) && char.IsAsciiDigit(text[position + 2]);

    private static int EndOfPunctuation(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        while (end < text.Length && IsPunctuation(text, end, out var length))
        {
            end += length;
        }

        return end;
    }

    private static bool IsPunctuation(ReadOnlySpan<char> text, int position, out int length)
    {
        _ = Rune.DecodeFromUtf16(text[position..], out var rune, out length);
        return rune.Value is '$' or '+' or '<' or '=' or '>' or '^' or '~' or '|'
            || Rune.GetUnicodeCategory(rune) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;
    }
}
