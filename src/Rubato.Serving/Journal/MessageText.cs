using System.Globalization;
using System.Text;

namespace Rubato.Serving.Journal;

/// <summary>Foreign text within a message: one line, of bounded length, whatever it holds.</summary>
internal static class MessageText
{
    private const int LengthMax = 40;

    public static string OneLine(string text)
    {
        var line = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(LengthMax))
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                line.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                line.Append(rune);
            }
        }

        return text.Length > LengthMax ? line.Append('…').ToString() : line.ToString();
    }
}
