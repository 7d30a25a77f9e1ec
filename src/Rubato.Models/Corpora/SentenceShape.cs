using System.Text;

namespace Rubato.Models.Corpora;

/// <summary>The shape of a paragraph: its words in lower case with every name and number replaced by one placeholder.</summary>
/// <remarks>
/// A word is a name when it is marked as one (see <see cref="MarkedText"/>), or when it holds a digit, an underscore, a
/// full stop or bracket inside, or a capital after its first letter. Two paragraphs of one shape teach the same sentence.
/// </remarks>
internal static class SentenceShape
{
    private const char Placeholder = '#';

    /// <summary>The shape of marked text.</summary>
    public static string Of(string marked)
    {
        var shape = new StringBuilder(marked.Length);
        var position = 0;
        while (position < marked.Length)
        {
            var c = marked[position];
            if (c == MarkedText.NameStart)
            {
                var end = marked.IndexOf(MarkedText.NameEnd, position);
                position = end < 0 ? marked.Length : end + 1;
                AppendPlaceholder(shape);
            }
            else if (char.IsLetterOrDigit(c) || c == '_')
            {
                var end = EndOfWord(marked, position);
                AppendWord(shape, marked.AsSpan(position, end - position));
                position = end;
            }
            else
            {
                AppendOther(shape, c);
                position++;
            }
        }

        return shape.ToString();
    }

    /// <summary>Whether the paragraph is made of sentences: at least three plain words, which are at least half of its words.</summary>
    public static bool IsProse(string marked)
    {
        int words = 0, plain = 0, position = 0;
        while (position < marked.Length)
        {
            var end = marked.IndexOf(' ', position);
            end = end < 0 ? marked.Length : end;
            var word = marked.AsSpan(position, end - position).Trim("().,;:!?\"'`*-");
            if (!word.IsEmpty)
            {
                words++;
                plain += IsPlainWord(word) ? 1 : 0;
            }

            position = end + 1;
        }

        return plain >= 3 && plain * 2 >= words;
    }

    private static bool IsPlainWord(ReadOnlySpan<char> word)
    {
        if (word[0] == MarkedText.NameStart)
        {
            return true;
        }

        foreach (var c in word)
        {
            if (!char.IsLetter(c) && c is not ('\'' or '-' or '\u2019'))
            {
                return false;
            }
        }

        return word.Length == 1 || !char.IsUpper(word[1]);
    }

    private static int EndOfWord(string text, int start)
    {
        var end = start;
        while (end < text.Length)
        {
            var c = text[end];
            var joins = c is '.' or '-' or '\'' or '[' or '<' && end + 1 < text.Length && char.IsLetterOrDigit(text[end + 1]);
            if (!joins && !char.IsLetterOrDigit(c) && c != '_')
            {
                break;
            }

            end++;
        }

        return end;
    }

    private static void AppendWord(StringBuilder shape, ReadOnlySpan<char> word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (char.IsDigit(word[i]) || word[i] is '_' or '.' or '[' or '<' || (i > 0 && char.IsUpper(word[i])))
            {
                AppendPlaceholder(shape);
                return;
            }
        }

        foreach (var c in word)
        {
            shape.Append(char.ToLowerInvariant(c));
        }
    }

    private static void AppendPlaceholder(StringBuilder shape)
    {
        if (shape.Length == 0 || shape[^1] != Placeholder)
        {
            shape.Append(Placeholder);
        }
    }

    private static void AppendOther(StringBuilder shape, char c)
    {
        var endsOpen = shape.Length == 0 || shape[^1] == ' ';
        if (char.IsPunctuation(c) || (c == ' ' && endsOpen))
        {
            return;
        }

        shape.Append(c);
    }
}
