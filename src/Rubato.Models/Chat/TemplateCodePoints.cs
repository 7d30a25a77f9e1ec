using System.Globalization;
using System.Text;

namespace Rubato.Models.Chat;

/// <summary>Strings by code points, as Python counts them, in place of UTF-16 units.</summary>
internal static class TemplateCodePoints
{
    public static int Count(string text)
    {
        var pairs = 0;
        for (var i = 1; i < text.Length; i++)
        {
            pairs += char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }

        return text.Length - pairs;
    }

    /// <summary>The code point at a place, counted by code points, which the string must have.</summary>
    public static string At(string text, int place)
    {
        var i = 0;
        for (; place > 0; place--)
        {
            i += LengthAt(text, i);
        }

        return text.Substring(i, LengthAt(text, i));
    }

    /// <summary>The code points as strings.</summary>
    public static string[] Split(string text)
    {
        var points = new List<string>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var length = LengthAt(text, i);
            points.Add(text.Substring(i, length));
            i += length - 1;
        }

        return [.. points];
    }

    private static int LengthAt(string text, int i) => i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;

    /// <summary>The place of the code point that begins at a place in UTF-16 units; -1 stays.</summary>
    public static long FromUnits(string text, int place) => place < 0 ? place : Count(text[..place]);

    /// <summary>The string as Python writes it inside lists and maps: quotes chosen by what it holds, control characters as escapes.</summary>
    public static string Quoted(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var written = new StringBuilder(text.Length + 2).Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\\' => written.Append("\\\\"),
                '\n' => written.Append("\\n"),
                '\r' => written.Append("\\r"),
                '\t' => written.Append("\\t"),
                var value when value == quote => written.Append('\\').Append(quote),
                var value when IsPrintable(rune) => written.Append(rune.ToString()),
                < 0x100 and var value => written.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}"),
                < 0x10000 and var value => written.Append(CultureInfo.InvariantCulture, $"\\u{value:x4}"),
                var value => written.Append(CultureInfo.InvariantCulture, $"\\U{value:x8}"),
            };
        }

        return written.Append(quote).ToString();
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
