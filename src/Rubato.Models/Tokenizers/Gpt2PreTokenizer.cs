namespace Rubato.Models.Tokenizers;

/// <summary>
/// GPT-2's pieces: English contractions; an optional space with letters, with numbers, or with other symbols; white space,
/// of which the last character is left to a following word.
/// </summary>
internal sealed class Gpt2PreTokenizer : PreTokenizer
{
    public override int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Contraction(text[(start + 1)..]) is > 0 and var contraction)
        {
            return start + 1 + contraction;
        }

        var body = text[start] == ' ' ? start + 1 : start;
        if (body < text.Length)
        {
            var wanted = CharacterClasses.At(text, body, out _);
            if (wanted is CharacterClass.Letter or CharacterClass.Number or CharacterClass.Other)
            {
                return CharacterClasses.EndOfRun(text, body, wanted);
            }
        }

        return WhiteSpacePiece(text, start);
    }

    /// <summary>A run of white space without its last character, unless the text ends there or it is the only one.</summary>
    public static int WhiteSpacePiece(ReadOnlySpan<char> text, int start)
    {
        var end = CharacterClasses.EndOfWhiteSpace(text, start);
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static int Contraction(ReadOnlySpan<char> afterApostrophe) => afterApostrophe switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] or ['l', 'l', ..] => 2,
        _ => 0,
    };
}
