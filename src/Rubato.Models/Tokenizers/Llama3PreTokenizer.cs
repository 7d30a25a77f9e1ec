namespace Rubato.Models.Tokenizers;

/// <summary>
/// The pieces of Llama 3 (up to three digits) and Qwen 2 (one digit): contractions in any letter case; letters with at most one
/// other character before them; digits; an optional space with symbols and the line breaks after them; white space up to the
/// last line break; other white space as in GPT-2.
/// </summary>
internal sealed class Llama3PreTokenizer(int maximumDigits) : PreTokenizer
{
    public override int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Contraction(text[(start + 1)..]) is > 0 and var contraction)
        {
            return start + 1 + contraction;
        }

        var first = CharacterClasses.At(text, start, out var length);
        if (first == CharacterClass.Letter)
        {
            return CharacterClasses.EndOfRun(text, start, CharacterClass.Letter);
        }

        if (first == CharacterClass.Number)
        {
            return EndOfDigits(text, start);
        }

        var next = start + length;
        if (first is CharacterClass.Other or CharacterClass.Space && next < text.Length && IsLetter(text, next))
        {
            return CharacterClasses.EndOfRun(text, next, CharacterClass.Letter);
        }

        var body = text[start] == ' ' ? next : start;
        return body < text.Length && CharacterClasses.At(text, body, out _) == CharacterClass.Other
            ? EndOfSymbols(text, body)
            : EndOfWhiteSpace(text, start);
    }

    private static bool IsLetter(ReadOnlySpan<char> text, int position) =>
        CharacterClasses.At(text, position, out _) == CharacterClass.Letter;

    private static int EndOfSymbols(ReadOnlySpan<char> text, int start) =>
        CharacterClasses.EndOfRun(text, CharacterClasses.EndOfRun(text, start, CharacterClass.Other), CharacterClass.LineBreak);

    private static int EndOfWhiteSpace(ReadOnlySpan<char> text, int start)
    {
        var end = CharacterClasses.EndOfWhiteSpace(text, start);
        var lastBreak = text[start..end].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? start + lastBreak + 1 : Gpt2PreTokenizer.WhiteSpacePiece(text, start);
    }

    private static int Contraction(ReadOnlySpan<char> afterApostrophe) => afterApostrophe switch
    {
        ['s' or 'S' or 't' or 'T' or 'm' or 'M' or 'd' or 'D', ..] => 1,
        ['r' or 'R' or 'v' or 'V', 'e' or 'E', ..] or ['l' or 'L', 'l' or 'L', ..] => 2,
        _ => 0,
    };

    private int EndOfDigits(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        for (var digits = 0; digits < maximumDigits && end < text.Length; digits++)
        {
            if (CharacterClasses.At(text, end, out var length) != CharacterClass.Number)
            {
                break;
            }

            end += length;
        }

        return end;
    }
}
