using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Notation;

/// <summary>Reads terms from text: names, numbers with units, lists of numbers, quoted text, calls with arguments.</summary>
internal sealed class TermReader(string text, string? place = null)
{
    private const int Deepest = 16;

    private int _at;
    private int _depth;

    /// <summary>Calls separated by bars, up to the end of the text.</summary>
    public List<CallTerm> Pipeline()
    {
        var calls = new List<CallTerm> { Call("a profile, such as rex") };
        while (Next() == '|')
        {
            _at++;
            calls.Add(Call("a stage, such as warmup(5%)"));
        }

        return _at >= text.Length ? calls : throw Unexpected("'|' or the end");
    }

    /// <summary>One term that is the whole text.</summary>
    public Term Whole()
    {
        var term = Value();
        return Next() == '\0' && _at >= text.Length ? term : throw Unexpected("the end");
    }

    public static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c is '_' or '/';

    public static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/';

    private CallTerm Call(string expected)
    {
        if (!IsNameStart(Next()))
        {
            throw Unexpected(expected);
        }

        var here = Place();
        var name = Name();
        return new(name) { Arguments = Next() == '(' ? Arguments() : [], Place = here };
    }

    private ValueList<Argument> Arguments()
    {
        if (++_depth > Deepest)
        {
            throw Fail($"more than {Deepest} calls inside each other");
        }

        _at++;
        var arguments = new List<Argument>();
        if (Next() != ')')
        {
            arguments.Add(Argument());
            while (Next() == ',')
            {
                _at++;
                arguments.Add(Argument());
            }
        }

        if (Next() != ')')
        {
            throw Unexpected("',' or ')'");
        }

        _at++;
        _depth--;
        return new([.. arguments]);
    }

    private Argument Argument()
    {
        if (!IsNameStart(Next()))
        {
            return new(null, Value());
        }

        var start = _at;
        var name = Name();
        if (Next() == '=')
        {
            _at++;
            return new(name, Value());
        }

        _at = start;
        return new(null, Value());
    }

    private Term Value()
    {
        var c = Next();
        var here = Place();
        if (char.IsAsciiDigit(c) || c is '.' or '-' or '+')
        {
            return Numeric() with { Place = here };
        }

        return c switch
        {
            '[' => new NumbersTerm(new(Bracketed())) { Place = here },
            '"' => new WordTerm(Quoted()) { Place = here },
            _ when IsNameStart(c) => WordOrCall() with { Place = here },
            _ => throw Unexpected("a number or a name"),
        };
    }

    private Term WordOrCall()
    {
        var name = Name();
        return Next() == '(' ? new CallTerm(name) { Arguments = Arguments() } : new WordTerm(name);
    }

    private Term Numeric()
    {
        var from = _at;
        var first = Number();
        var digits = text[from.._at];
        if (_at < text.Length && text[_at] is '-' or ':')
        {
            var separator = text[_at];
            var values = new List<double> { first };
            while (_at < text.Length && text[_at] == separator)
            {
                _at++;
                values.Add(Number());
            }

            return new NumbersTerm(new([.. values]), separator == '-' ? NumbersStyle.DashedPercent : NumbersStyle.Colon);
        }

        if (Next() == '%')
        {
            _at++;
            return new NumberTerm(first, "%");
        }

        var start = _at;
        while (_at < text.Length && char.IsAsciiLetter(text[_at]))
        {
            _at++;
        }

        return new NumberTerm(first, text[start.._at]) { Raw = digits + text[start.._at] };
    }

    private double Number()
    {
        var start = _at;
        _ = Skip('+', '-');
        Digits();
        if (Skip('.', '.'))
        {
            Digits();
        }

        // "10epochs" is ten epochs: an exponent needs digits.
        var mantissa = _at;
        if (Skip('e', 'E'))
        {
            _ = Skip('+', '-');
            var exponent = _at;
            Digits();
            _at = _at == exponent ? mantissa : _at;
        }

        if (double.TryParse(text.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
        {
            return value;
        }

        _at = start;
        throw Unexpected("a finite number");
    }

    private double[] Bracketed()
    {
        _at++;
        var values = new List<double>();
        while (Next() != ']')
        {
            values.Add(Number());
            if (Next() == ',')
            {
                _at++;
                _ = Next();
            }
            else if (Next() != ']')
            {
                throw Unexpected("',' or ']'");
            }
        }

        _at++;
        return [.. values];
    }

    private string Quoted()
    {
        var end = text.IndexOf('"', _at + 1);
        if (end < 0)
        {
            throw Fail("a quoted text without its end");
        }

        var word = text[(_at + 1)..end];
        _at = end + 1;
        return word;
    }

    private string Name()
    {
        var start = _at;
        while (_at < text.Length && IsNameCharacter(text[_at]))
        {
            _at++;
        }

        return text[start.._at];
    }

    private void Digits()
    {
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
        {
            _at++;
        }
    }

    private bool Skip(char one, char other)
    {
        if (_at < text.Length && (text[_at] == one || text[_at] == other))
        {
            _at++;
            return true;
        }

        return false;
    }

    /// <summary>Passes over spaces; gives the next character, or NUL at the end.</summary>
    private char Next()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        return _at < text.Length ? text[_at] : '\0';
    }

    private string Place() => place ?? $"position {_at + 1}";

    private InvalidOptionException Unexpected(string expected) =>
        Fail($"expected {expected}, found {(_at < text.Length ? $"'{TermText.Shorten(text[_at..Math.Min(text.Length, _at + 20)])}'" : "the end")}");

    private InvalidOptionException Fail(string problem) => new($"schedule '{TermText.Shorten(text)}', {Place()}: {problem}.");
}
