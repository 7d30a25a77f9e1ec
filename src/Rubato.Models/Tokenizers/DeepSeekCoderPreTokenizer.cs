namespace Rubato.Models.Tokenizers;

/// <summary>
/// The pieces of DeepSeek Coder: single line breaks; an optional white space with letters, or with punctuation; what is left. Each
/// is cut again where a range of Asian characters begins or ends, and at every single number.
/// </summary>
internal sealed class DeepSeekCoderPreTokenizer : PreTokenizer
{
    public override int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        var first = CharacterClasses.At(text, start, out var length);
        if (first == CharacterClass.LineBreak || first == CharacterClass.Number)
        {
            return start + length;
        }

        var end = start + length;
        var isAsian = IsAsian(text[start]);
        var limit = EndOfUncut(text, start, first, end);
        while (end < limit && IsAsian(text[end]) == isAsian && CharacterClasses.At(text, end, out length) != CharacterClass.Number)
        {
            end += length;
        }

        return end;
    }

    /// <summary>The end of the piece before it is cut at Asian characters and numbers, or a place inside it behind one of those.</summary>
    private static int EndOfUncut(ReadOnlySpan<char> text, int start, CharacterClass first, int next)
    {
        var body = first == CharacterClass.Space ? next : start;
        if (CharacterClasses.Is(text, body, CharacterClass.Letter))
        {
            return EndOfHomogeneous(text, body, CharacterClass.Letter);
        }

        if (CharacterClasses.Is(text, body, CharacterClass.Punctuation))
        {
            return EndOfHomogeneous(text, body, CharacterClass.Punctuation);
        }

        while (next < text.Length && !StartsPiece(text, next) && IsAsian(text[next]) == IsAsian(text[start]))
        {
            CharacterClasses.At(text, next, out var length);
            next += length;
        }

        return next;
    }

    private static int EndOfHomogeneous(ReadOnlySpan<char> text, int start, CharacterClass wanted)
    {
        var end = start;
        while (CharacterClasses.Is(text, end, wanted) && IsAsian(text[end]) == IsAsian(text[start]))
        {
            CharacterClasses.At(text, end, out var length);
            end += length;
        }

        return end;
    }

    private static bool StartsPiece(ReadOnlySpan<char> text, int position)
    {
        var found = CharacterClasses.At(text, position, out var length);
        const CharacterClass Starts = CharacterClass.Letter | CharacterClass.Punctuation;
        return (found & (Starts | CharacterClass.LineBreak | CharacterClass.Number)) != 0 || found == CharacterClass.Space && CharacterClasses.Is(text, position + length, Starts);
    }

    /// <summary>The ranges U+0800 to U+9FA5 and U+AC00 to U+D7FF.</summary>
    private static bool IsAsian(char unit) => unit is (>= '\u0800' and <= '\u9FA5') or (>= '\uAC00' and <= '\uD7FF');
}
