using System.Buffers;
using System.Text;

namespace Rubato.Models.Corpora;

/// <summary>Text in which names of code are set between two private marks, so that sentences can be compared without them.</summary>
internal static class MarkedText
{
    public const char NameStart = '\uE000';
    public const char NameEnd = '\uE001';
    public const char ParagraphBreak = '\u2029';

    private static readonly SearchValues<char> Marks = SearchValues.Create([NameStart, NameEnd]);

    /// <summary>The text without the marks.</summary>
    public static string Plain(string marked) => marked.AsSpan().ContainsAny(Marks) ? Filter(marked) : marked;

    /// <summary>The text with every run of white space made one space, and none at the ends or next to a mark's inside.</summary>
    public static string NormalizeWhiteSpace(ReadOnlySpan<char> text)
    {
        var builder = new StringBuilder(text.Length);
        var pendingSpace = false;
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c) || char.IsControl(c))
            {
                pendingSpace = builder.Length > 0;
                continue;
            }

            if (pendingSpace)
            {
                builder.Append(' ');
                pendingSpace = false;
            }

            builder.Append(c);
        }

        return builder.ToString();
    }

    private static string Filter(string marked)
    {
        var builder = new StringBuilder(marked.Length);
        foreach (var c in marked)
        {
            if (c is not (NameStart or NameEnd))
            {
                builder.Append(c);
            }
        }

        return builder.ToString();
    }
}
