using System.Globalization;
using System.Text;

namespace Rubato.Models.Gguf;

/// <summary>Text from a file made safe for a one-line message: no control characters, no endless names.</summary>
internal static class Printable
{
    private const int LengthMax = 80;

    internal static string Quote(string text, int lengthMax = LengthMax)
    {
        var shown = new StringBuilder("'", Math.Min(text.Length, lengthMax) + 3);
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= lengthMax)
            {
                shown.Append('…');
                break;
            }

            var hidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned;
            _ = hidden ? shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}") : shown.Append(rune.ToString());
        }

        return shown.Append('\'').ToString();
    }
}
