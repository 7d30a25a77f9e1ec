namespace Rubato.Models.Tokenizers;

/// <summary>
/// The pieces of GPT-4o (Llama 4, Phi-4-mini) and of Mistral's tekken: words end where a capital letter follows a small one; numbers;
/// symbols with the line breaks and slashes after them; white space as in Llama 3.
/// </summary>
/// <param name="maximumDigits">Numbers in a piece.</param>
/// <param name="takesContractions">English contractions belong to the word before them.</param>
internal sealed class CasedPreTokenizer(int maximumDigits, bool takesContractions) : PreTokenizer
{
    private const CharacterClass Both = CharacterClass.Caseless | CharacterClass.Mark;
    private const CharacterClass Large = CharacterClass.Upper | Both;
    private const CharacterClass Small = CharacterClass.Lower | Both;
    private const CharacterClass NoOpening = CharacterClass.LineBreak | CharacterClass.Letter | CharacterClass.Number;

    public override int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        var first = CharacterClasses.At(text, start, out var length);
        if (EndOfWord(text, start, first, length) is { } word)
        {
            return takesContractions ? word + PreTokenizerParts.Contraction(text[word..]) : word;
        }

        if (first == CharacterClass.Number)
        {
            return PreTokenizerParts.EndOfNumbers(text, start, maximumDigits);
        }

        var body = text[start] == ' ' ? start + length : start;
        if (!CharacterClasses.Is(text, body, CharacterClass.Other))
        {
            return PreTokenizerParts.EndOfWhiteSpace(text, start);
        }

        var end = CharacterClasses.EndOfRun(text, body, CharacterClass.Other);
        while (end < text.Length && text[end] is '\r' or '\n' or '/')
        {
            end++;
        }

        return end;
    }

    /// <summary>The four ways to match a word in the order in which the expression tries them: with a small end or not, with an opening character or not.</summary>
    private static int? EndOfWord(ReadOnlySpan<char> text, int start, CharacterClass first, int length)
    {
        var opened = (first & NoOpening) == 0 ? start + length : (int?)null;
        return (opened is { } a ? EndOfSmall(text, a) : null) ?? EndOfSmall(text, start)
            ?? (opened is { } b ? EndOfLarge(text, b) : null) ?? EndOfLarge(text, start);
    }

    /// <summary>Any number of large letters, then at least one small one, of which those that are both go to the large ones if that is possible.</summary>
    private static int? EndOfSmall(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        int? afterLastBoth = null;
        while (end < text.Length && (CharacterClasses.At(text, end, out var length) & Large) is not 0 and var found)
        {
            end += length;
            afterLastBoth = (found & Both) != 0 ? end : afterLastBoth;
        }

        return CharacterClasses.Is(text, end, Small) ? CharacterClasses.EndOfRun(text, end, Small) : afterLastBoth;
    }

    /// <summary>At least one large letter, then any number of small ones.</summary>
    private static int? EndOfLarge(ReadOnlySpan<char> text, int start)
    {
        var end = CharacterClasses.EndOfRun(text, start, Large);
        return end > start ? CharacterClasses.EndOfRun(text, end, Small) : null;
    }
}
