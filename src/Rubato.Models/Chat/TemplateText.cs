using System.Text;

namespace Rubato.Models.Chat;

/// <summary>Operations on strings that filters and methods share; what they make is charged to the run first.</summary>
internal static class TemplateText
{
    public static string Join(List<object?> items, string separator, TemplateRun run)
    {
        var builder = new StringBuilder();
        for (var i = 0; i < items.Count; i++)
        {
            var text = TemplateValues.ToText(items[i], run);
            run.Charge((long)text.Length + separator.Length);
            builder.Append(i == 0 ? "" : separator).Append(text);
        }

        return builder.ToString();
    }

    /// <summary>Replaces the first <paramref name="count"/> occurrences, all when negative.</summary>
    public static string Replace(string text, string old, string replacement, long count, TemplateRun run)
    {
        if (old.Length == 0)
        {
            throw run.Error("replace needs a string to look for that is not empty.");
        }

        run.ChargeSearch(text, old);
        var builder = new StringBuilder();
        var start = 0;
        for (var found = text.IndexOf(old, StringComparison.Ordinal); found >= 0 && count != 0; count--)
        {
            run.Charge((long)found - start + replacement.Length);
            builder.Append(text, start, found - start).Append(replacement);
            start = found + old.Length;
            found = text.IndexOf(old, start, StringComparison.Ordinal);
        }

        run.Charge(text.Length - start);
        return builder.Append(text, start, text.Length - start).ToString();
    }

    public static List<object?> Split(string text, TemplateCall call)
    {
        var separator = call.OptionalText(0, "sep");
        var most = call.Integer(1, "maxsplit", -1);
        var count = most < 0 || most >= int.MaxValue ? int.MaxValue : (int)most + 1;
        if (separator is null)
        {
            call.Run.ChargeElements(text.Length / 2 + 1);
            return [.. text.Split((char[]?)null, count, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        }

        if (separator.Length == 0)
        {
            throw call.Run.Error("split needs a separator that is not empty.");
        }

        call.Run.ChargeSearch(text, separator);
        call.Run.ChargeElements(text.Length / separator.Length + 1);
        return [.. text.Split(separator, count)];
    }

    /// <summary>From the end of the text, at most <c>maxsplit</c> times.</summary>
    public static List<object?> SplitFromEnd(string text, TemplateCall call)
    {
        var separator = call.Text(0, "sep");
        var most = call.Integer(1, "maxsplit", -1);
        var all = Split(text, new(call.Run, call.Name, [separator], TemplateCall.NoNames)).Cast<string>().ToList();
        if (most < 0 || all.Count <= most + 1)
        {
            return [.. all];
        }

        var first = all.Count - (int)most;
        return [string.Join(separator, all.Take(first)), .. all.Skip(first)];
    }

    /// <summary>What is before the separator, it, and what is after; the last one or the first.</summary>
    public static TemplateTuple Partition(string text, TemplateCall call, bool last)
    {
        var separator = call.Text(0, "sep");
        if (separator.Length == 0)
        {
            throw call.Run.Error($"{call.Name} needs a separator that is not empty.");
        }

        var at = (int)Find(text, separator, last, call.Run);
        return at >= 0 ? new TemplateTuple(text[..at], separator, text[(at + separator.Length)..]) : last ? new("", "", text) : new(text, "", "");
    }

    /// <summary>Python's % for strings, with %s, %d, %i and %%.</summary>
    public static string Format(string format, IReadOnlyList<object?> values, TemplateRun run)
    {
        var builder = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            run.Charge(1);
            if (format[i] != '%')
            {
                builder.Append(format[i]);
                continue;
            }

            var kind = ++i < format.Length ? format[i] : '\0';
            if (kind == '%')
            {
                builder.Append('%');
                continue;
            }

            if (kind is not ('s' or 'd' or 'i') || next >= values.Count)
            {
                throw run.Error("formatting with % knows %s, %d and %%, each with a value.");
            }

            var value = values[next++];
            var text = kind == 's' ? TemplateValues.ToText(value, run) : TemplateValues.ToText(TemplateValues.Number(value) switch
            {
                long whole => whole,
                double real when Math.Abs(real) < 9e18 => (long)real,
                _ => throw run.Error($"{TemplateValues.TypeName(value)} is not a number."),
            }, run);
            run.Charge(text.Length);
            builder.Append(text);
        }

        return builder.ToString();
    }

    /// <summary>The text with the characters of markup as references.</summary>
    public static string Escape(string text, TemplateRun run)
    {
        var builder = new StringBuilder();
        foreach (var c in text)
        {
            run.Charge(1);
            _ = c switch
            {
                '&' => builder.Append("&amp;"),
                '<' => builder.Append("&lt;"),
                '>' => builder.Append("&gt;"),
                '"' => builder.Append("&#34;"),
                '\'' => builder.Append("&#39;"),
                _ => builder.Append(c),
            };
        }

        return builder.ToString();
    }

    public static List<object?> Lines(string text, TemplateRun run)
    {
        run.ChargeElements(text.Length + 1L);
        var lines = text.ReplaceLineEndings("\n").Split('\n').ToList<object?>();
        if (lines.Count > 0 && lines[^1] is "")
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }

    /// <summary>The place of <paramref name="part"/>, or -1.</summary>
    public static long Find(string text, string part, bool last, TemplateRun run)
    {
        run.ChargeSearch(text, part);
        return last ? text.LastIndexOf(part, StringComparison.Ordinal) : text.IndexOf(part, StringComparison.Ordinal);
    }

    public static long Count(string text, string part, TemplateRun run)
    {
        run.ChargeSearch(text, part);
        if (part.Length == 0)
        {
            return text.Length + 1L;
        }

        long count = 0;
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal))
        {
            count++;
        }

        return count;
    }

    public static string Capitalize(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    public static string Title(string text) => string.Create(text.Length, text, static (span, value) =>
    {
        var inWord = false;
        for (var i = 0; i < value.Length; i++)
        {
            span[i] = inWord ? char.ToLowerInvariant(value[i]) : char.ToUpperInvariant(value[i]);
            inWord = char.IsLetter(value[i]);
        }
    });

    /// <summary>Puts blanks before every line but the first, or before all.</summary>
    public static string Indent(string text, TemplateCall call)
    {
        var width = call.Get(0, "width") is string given ? given : new string(' ', (int)Math.Clamp(call.Integer(0, "width", 4), 0, 1_000));
        var lines = text.Split('\n');
        call.Run.Charge(text.Length + (long)lines.Length * width.Length);
        var first = TemplateValues.IsTrue(call.Get(1, "first", false));
        var blank = TemplateValues.IsTrue(call.Get(2, "blank", false));
        return string.Join('\n', lines.Select((line, i) => (i > 0 || first) && (blank || line.Length > 0) ? width + line : line));
    }
}
