namespace Rubato.Models.Tokenizers;

/// <summary>
/// The pieces of Llama 3 and its many relatives: contractions in any letter case; letters with at most one other character before them;
/// numbers; an optional space with symbols and the line breaks after them; white space up to the last line break; other white space as
/// in GPT-2.
/// </summary>
/// <param name="maximumDigits">Numbers in a piece: 3 for Llama 3, 1 for Qwen.</param>
/// <param name="marksAreLetters">Marks go with letters (Qwen 3.5), not with symbols.</param>
/// <param name="symbolsTakeLineBreaks">Line breaks after symbols belong to their piece.</param>
internal sealed class Llama3PreTokenizer(int maximumDigits, bool marksAreLetters = false, bool symbolsTakeLineBreaks = true) : PreTokenizer
{
    private readonly CharacterClass _letters = marksAreLetters ? CharacterClass.Letter | CharacterClass.Mark : CharacterClass.Letter;
    private readonly CharacterClass _symbols = marksAreLetters ? CharacterClass.Other & ~CharacterClass.Mark : CharacterClass.Other;

    public override int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        if (PreTokenizerParts.Contraction(text[start..]) is > 0 and var contraction)
        {
            return start + contraction;
        }

        var first = CharacterClasses.At(text, start, out var length);
        if ((first & _letters) != 0)
        {
            return CharacterClasses.EndOfRun(text, start, _letters);
        }

        if (first == CharacterClass.Number)
        {
            return PreTokenizerParts.EndOfNumbers(text, start, maximumDigits);
        }

        var next = start + length;
        if (first != CharacterClass.LineBreak && CharacterClasses.Is(text, next, _letters))
        {
            return CharacterClasses.EndOfRun(text, next, _letters);
        }

        var body = text[start] == ' ' ? next : start;
        if (!CharacterClasses.Is(text, body, _symbols))
        {
            return PreTokenizerParts.EndOfWhiteSpace(text, start);
        }

        var end = CharacterClasses.EndOfRun(text, body, _symbols);
        return symbolsTakeLineBreaks ? CharacterClasses.EndOfRun(text, end, CharacterClass.LineBreak) : end;
    }
}
