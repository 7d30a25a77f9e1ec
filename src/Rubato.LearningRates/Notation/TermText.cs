using System.Globalization;
using System.Text;

namespace Rubato.LearningRates.Notation;

/// <summary>Writes terms as text. Numbers take as many digits as bring back the same bits.</summary>
internal static class TermText
{
    private const int LongestQuote = 60;

    public static string Format(Term term) => term switch
    {
        NumberTerm { Raw: { } raw } => raw,
        NumberTerm { Unit: "" or "%" } number => Number(number.Value) + number.Unit,
        NumberTerm number => $"{Number(number.Value)} {number.Unit}",
        WordTerm word => Quote(word.Word),
        NumbersTerm { Style: NumbersStyle.DashedPercent } list => Join('-', list),
        NumbersTerm { Style: NumbersStyle.Colon } list => Join(':', list),
        NumbersTerm list => $"[{Join(',', list)}]",
        CallTerm call => Format(call),
        _ => term.ToString(),
    };

    /// <summary>A part of the user's text on one line and short enough for a message.</summary>
    public static string Shorten(string text)
    {
        var line = text.Length <= LongestQuote ? text : text[..LongestQuote] + "…";
        return line.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029')
            ? string.Concat(line.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? '·' : c))
            : line;
    }

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Format(CallTerm call)
    {
        var text = new StringBuilder(call.Name);
        var separator = '(';
        foreach (var argument in call.Arguments)
        {
            if (argument.IsStandard)
            {
                continue;
            }

            text.Append(separator == '(' ? "(" : ", ");
            separator = ',';
            if (argument.Name is not null && !argument.IsBare)
            {
                text.Append(argument.Name).Append('=');
            }

            text.Append(Format(argument.Value));
        }

        return (separator == '(' ? text : text.Append(')')).ToString();
    }

    private static string Quote(string word) => word.All(TermReader.IsNameCharacter) && word.Length > 0 && TermReader.IsNameStart(word[0]) ? word : $"\"{word}\"";

    private static string Join(char separator, NumbersTerm list)
    {
        var text = new StringBuilder();
        foreach (var value in list.Values)
        {
            if (text.Length > 0)
            {
                text.Append(separator);
                if (separator == ',')
                {
                    text.Append(' ');
                }
            }

            text.Append(Number(value));
        }

        return text.ToString();
    }
}
