namespace Rubato.Models.Tokenizers;

/// <summary>
/// GPT-2's pieces: English contractions; an optional space with letters, with numbers, or with other symbols; white space,
/// of which the last character is left to a following word. SmolLM, StarCoder and Command R cut out every single number before.
/// </summary>
internal sealed class Gpt2PreTokenizer(bool cutsNumbersFirst = false) : PreTokenizer
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
            var wanted = CharacterClasses.At(text, body, out var length);
            if (cutsNumbersFirst && wanted == CharacterClass.Number)
            {
                return body == start ? start + length : body;
            }

            if ((wanted & CharacterClass.WhiteSpace) == 0)
            {
                return CharacterClasses.EndOfRun(text, body, Joined(wanted));
            }
        }

        var end = CharacterClasses.EndOfWhiteSpace(text, start);
        return cutsNumbersFirst && CharacterClasses.Is(text, end, CharacterClass.Number) ? end : PreTokenizerParts.WithoutLast(text, start);
    }

    /// <summary>The classes of one run.</summary>
    private static CharacterClass Joined(CharacterClass first) =>
        (first & CharacterClass.Letter) != 0 ? CharacterClass.Letter : first == CharacterClass.Number ? first : CharacterClass.Other;

    private static int Contraction(ReadOnlySpan<char> afterApostrophe) => afterApostrophe switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] or ['l', 'l', ..] => 2,
        _ => 0,
    };
}
