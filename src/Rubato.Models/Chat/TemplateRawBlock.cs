namespace Rubato.Models.Chat;

/// <summary>Where a raw block begins and ends in the source.</summary>
/// <param name="TextStart">The first character of its text.</param>
/// <param name="TextEnd">Behind its text.</param>
/// <param name="End">Behind its end tag; negative when there is none.</param>
/// <param name="StripsStart">White space at the start of the text goes.</param>
/// <param name="EndSign">The sign at the start of the end tag, or 0.</param>
/// <param name="LastSign">The sign at the end of the end tag, or 0.</param>
internal sealed record TemplateRawBlock(int TextStart, int TextEnd, int End, bool StripsStart, char EndSign, char LastSign)
{
    /// <summary>The block whose start tag stands before <paramref name="position"/>, behind "{%" and its sign; null when it is another tag.</summary>
    public static TemplateRawBlock? Find(string source, int position)
    {
        if (!TryReadTag(source, position, "raw", out var start, out var sign))
        {
            return null;
        }

        for (var at = source.IndexOf("{%", start, StringComparison.Ordinal); at >= 0; at = source.IndexOf("{%", at + 1, StringComparison.Ordinal))
        {
            var inside = at + 2;
            var endSign = Sign(source, inside);
            if (TryReadTag(source, endSign == 0 ? inside : inside + 1, "endraw", out var end, out var lastSign))
            {
                return new(start, at, end, sign == '-', endSign, lastSign);
            }
        }

        return new(start, start, -1, false, (char)0, (char)0);
    }

    private static bool TryReadTag(string source, int position, string name, out int end, out char sign)
    {
        end = SkipBlanks(source, position);
        sign = (char)0;
        if (string.CompareOrdinal(source, end, name, 0, name.Length) != 0)
        {
            return false;
        }

        end = SkipBlanks(source, end + name.Length);
        sign = Sign(source, end);
        end += sign == 0 ? 0 : 1;
        var closes = string.CompareOrdinal(source, end, "%}", 0, 2) == 0;
        end += 2;
        return closes;
    }

    private static int SkipBlanks(string source, int position)
    {
        while (position < source.Length && char.IsWhiteSpace(source[position]))
        {
            position++;
        }

        return position;
    }

    private static char Sign(string source, int position) => position < source.Length && source[position] is '-' or '+' ? source[position] : (char)0;
}
