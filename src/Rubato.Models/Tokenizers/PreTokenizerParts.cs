namespace Rubato.Models.Tokenizers;

/// <summary>Parts that several of the published expressions share.</summary>
internal static class PreTokenizerParts
{
    /// <summary>Length of an English contraction ('s, 'RE, …) at the place, in letters of either case; 0 when there is none.</summary>
    public static int Contraction(ReadOnlySpan<char> text) => text is ['\'', .. var rest]
        ? rest switch
        {
            ['s' or 'S' or 't' or 'T' or 'm' or 'M' or 'd' or 'D', ..] => 2,
            ['r' or 'R' or 'v' or 'V', 'e' or 'E', ..] or ['l' or 'L', 'l' or 'L', ..] => 3,
            _ => 0,
        }
        : 0;

    /// <summary>The end of a run of at most <paramref name="most"/> numbers.</summary>
    public static int EndOfNumbers(ReadOnlySpan<char> text, int start, int most)
    {
        var end = start;
        for (var count = 0; count < most && end < text.Length; count++)
        {
            if (CharacterClasses.At(text, end, out var length) != CharacterClass.Number)
            {
                break;
            }

            end += length;
        }

        return end;
    }

    /// <summary>
    /// White space: up to the last line break of the run (<c>\s*[\r\n]+</c>), else without its last character
    /// (<c>\s+(?!\S)|\s+</c>).
    /// </summary>
    public static int EndOfWhiteSpace(ReadOnlySpan<char> text, int start)
    {
        var end = CharacterClasses.EndOfWhiteSpace(text, start);
        var lastBreak = text[start..end].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? start + lastBreak + 1 : WithoutLast(text, start);
    }

    /// <summary>A run of white space without its last character, unless the text ends there or it is the only one.</summary>
    public static int WithoutLast(ReadOnlySpan<char> text, int start)
    {
        var end = CharacterClasses.EndOfWhiteSpace(text, start);
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }
}
