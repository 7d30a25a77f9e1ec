namespace Rubato.Models.Tokenizers;

/// <summary>
/// The pieces of DeepSeek V3 and R1: first up to three numbers and runs of Chinese and Japanese characters are cut out; between them
/// punctuation with Latin letters, words with their marks, symbols with line breaks, and white space.
/// </summary>
internal sealed class DeepSeekPreTokenizer : PreTokenizer
{
    private const CharacterClass Word = CharacterClass.Letter | CharacterClass.Mark;
    private const CharacterClass Signs = CharacterClass.Punctuation | CharacterClass.Symbol;

    public override int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        var first = CharacterClasses.At(text, start, out var length);
        if (first == CharacterClass.Number)
        {
            return PreTokenizerParts.EndOfNumbers(text, start, most: 3);
        }

        if (IsEastern(text[start]))
        {
            var end = start;
            while (end < text.Length && IsEastern(text[end]) && CharacterClasses.At(text, end, out _) != CharacterClass.Number)
            {
                end++;
            }

            return end;
        }

        return EndInside(text, start, first, start + length);
    }

    /// <summary>The end of a piece between numbers and Eastern characters, which bound it like the end of the text.</summary>
    private static int EndInside(ReadOnlySpan<char> text, int start, CharacterClass first, int next)
    {
        if (char.IsAscii(text[start]) && (first & Signs) != 0 && next < text.Length && char.IsAsciiLetter(text[next]))
        {
            var end = next;
            while (end < text.Length && char.IsAsciiLetter(text[end]))
            {
                end++;
            }

            return end;
        }

        if ((first & Word) != 0)
        {
            return EndOfRun(text, start, Word);
        }

        if ((first & (Signs | CharacterClass.LineBreak)) == 0 && Is(text, next, Word))
        {
            return EndOfRun(text, next, Word);
        }

        var body = text[start] == ' ' ? next : start;
        return Is(text, body, Signs) ? CharacterClasses.EndOfRun(text, EndOfRun(text, body, Signs), CharacterClass.LineBreak)
            : first == CharacterClass.Rest ? EndOfRest(text, next)
            : EndOfWhiteSpace(text, start);
    }

    /// <summary>Characters that nothing matches, up to one that opens a word.</summary>
    private static int EndOfRest(ReadOnlySpan<char> text, int end)
    {
        while (end < text.Length && CharacterClasses.At(text, end, out var length) == CharacterClass.Rest && !IsEastern(text[end]) && !Is(text, end + length, Word))
        {
            end += length;
        }

        return end;
    }

    private static int EndOfWhiteSpace(ReadOnlySpan<char> text, int start)
    {
        var end = PreTokenizerParts.EndOfWhiteSpace(text, start);
        var all = CharacterClasses.EndOfWhiteSpace(text, start);
        var isBounded = all < text.Length && (IsEastern(text[all]) || CharacterClasses.Is(text, all, CharacterClass.Number));
        return isBounded && text[start..all].IndexOfAny('\r', '\n') < 0 ? all : end;
    }

    private static bool Is(ReadOnlySpan<char> text, int position, CharacterClass wanted) =>
        CharacterClasses.Is(text, position, wanted) && !IsEastern(text[position]);

    private static int EndOfRun(ReadOnlySpan<char> text, int position, CharacterClass wanted)
    {
        while (Is(text, position, wanted))
        {
            CharacterClasses.At(text, position, out var length);
            position += length;
        }

        return position;
    }

    /// <summary>Kana and the Chinese characters of the first plane up to U+9FA5.</summary>
    private static bool IsEastern(char unit) => unit is (>= '\u3040' and <= '\u30FF') or (>= '\u4E00' and <= '\u9FA5');
}
