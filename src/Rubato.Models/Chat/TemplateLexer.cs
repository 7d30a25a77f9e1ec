using System.Globalization;
using System.Text;

namespace Rubato.Models.Chat;

/// <summary>Cuts a template into lexical elements and applies the rules for white space around tags.</summary>
/// <remarks>
/// As Hugging Face sets Jinja: the first line break after a statement or comment goes (trim_blocks), blanks before a statement or
/// comment that starts its line go (lstrip_blocks), "-" at a tag strips all white space on its side, "+" keeps it, and one line break at the
/// end of the template goes.
/// </remarks>
internal sealed class TemplateLexer
{
    private static readonly string[] LongOperators = ["==", "!=", "<=", ">=", "//", "**"];
    private readonly string _source;
    private readonly TemplateErrors _errors;
    private readonly List<TemplateToken> _tokens = [];
    private int _position;
    private bool _atLineStart = true;
    private bool _stripNext;

    private TemplateLexer(string source, TemplateErrors errors)
    {
        _source = source;
        _errors = errors;
    }

    /// <summary>The elements of <paramref name="source"/>, whose line breaks are line feeds; the last is the end.</summary>
    public static List<TemplateToken> Tokenize(string source, TemplateErrors errors)
    {
        var lexer = new TemplateLexer(source, errors);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        var end = _source.EndsWith('\n') ? _source.Length - 1 : _source.Length;
        while (_position < end)
        {
            var tag = NextTag(_position, end);
            AddText(_position, tag, tag < end ? _source[tag + 1] : '\0');
            _position = tag;
            if (tag < end)
            {
                ReadTag();
            }
        }

        _tokens.Add(new(TemplateTokenKind.End, "", _source.Length));
    }

    private int NextTag(int from, int end)
    {
        for (var i = from; i + 1 < end; i++)
        {
            if (_source[i] == '{' && _source[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }

        return end;
    }

    private void AddText(int start, int end, char tag)
    {
        var text = _source.AsSpan(start, end - start);
        if (_stripNext)
        {
            text = text.TrimStart();
            _stripNext = false;
        }

        var control = end + 2 < _source.Length && tag != '\0' ? _source[end + 2] : '\0';
        if (control == '-')
        {
            text = text.TrimEnd();
        }
        else if (tag is '%' or '#' && control != '+')
        {
            text = WithoutIndentation(text);
        }

        if (!text.IsEmpty)
        {
            _tokens.Add(new(TemplateTokenKind.Text, text.ToString(), start));
        }
    }

    private ReadOnlySpan<char> WithoutIndentation(ReadOnlySpan<char> text)
    {
        var line = text.LastIndexOf('\n') + 1;
        return (line > 0 || _atLineStart) && text[line..].Trim(" \t").IsEmpty ? text[..line] : text;
    }

    private void ReadTag()
    {
        var start = _position;
        var kind = _source[start + 1];
        _position += 2;
        if (kind == '#')
        {
            SkipComment(start);
            return;
        }

        if (_position < _source.Length && _source[_position] is '-' or '+')
        {
            _position++;
        }

        if (kind == '%' && TemplateRawBlock.Find(_source, _position) is { } raw)
        {
            ReadRaw(raw, start);
            return;
        }

        _tokens.Add(new(kind == '%' ? TemplateTokenKind.StatementStart : TemplateTokenKind.OutputStart, "", start));
        var close = kind == '%' ? "%}" : "}}";
        var brackets = 0;
        while (!TryReadEnd(close, kind == '%', brackets))
        {
            brackets += ReadElement(start);
        }
    }

    /// <summary>Takes what stands between "{% raw %}" and "{% endraw %}" as text.</summary>
    private void ReadRaw(TemplateRawBlock raw, int start)
    {
        if (raw.End < 0)
        {
            throw _errors.At(start, "raw block without an end.");
        }

        var text = _source.AsSpan(raw.TextStart, raw.TextEnd - raw.TextStart);
        text = raw.StripsStart ? text.TrimStart() : text;
        _atLineStart = false;
        text = raw.EndSign switch { '-' => text.TrimEnd(), '+' => text, _ => WithoutIndentation(text) };
        if (!text.IsEmpty)
        {
            _tokens.Add(new(TemplateTokenKind.Text, text.ToString(), raw.TextStart));
        }

        _position = raw.End;
        FinishTag(raw.LastSign, trimsLineBreak: true);
    }

    /// <summary>Reads white space and, if it stands here, the end of the tag.</summary>
    private bool TryReadEnd(string close, bool isStatement, int brackets)
    {
        while (_position < _source.Length && char.IsWhiteSpace(_source[_position]))
        {
            _position++;
        }

        var rest = _source.AsSpan(_position);
        var sign = rest.Length > 0 && rest[0] is '-' or '+' ? rest[0] : '\0';
        var body = sign == '\0' ? rest : rest[1..];
        if (brackets > 0 || !body.StartsWith(close, StringComparison.Ordinal))
        {
            return false;
        }

        _tokens.Add(new(isStatement ? TemplateTokenKind.StatementEnd : TemplateTokenKind.OutputEnd, "", _position));
        _position += sign == '\0' ? 2 : 3;
        FinishTag(sign, trimsLineBreak: isStatement);
        return true;
    }

    private void FinishTag(char sign, bool trimsLineBreak)
    {
        _stripNext = sign == '-';
        _atLineStart = false;
        if (trimsLineBreak && sign == '\0' && _position < _source.Length && _source[_position] == '\n')
        {
            _position++;
            _atLineStart = true;
        }
    }

    private void SkipComment(int start)
    {
        var end = _source.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
        {
            throw _errors.At(start, "comment without an end \"#}\".");
        }

        var sign = end > _position && _source[end - 1] is '-' or '+' ? _source[end - 1] : '\0';
        _position = end + 2;
        FinishTag(sign, trimsLineBreak: true);
    }

    /// <summary>Reads one element inside a tag; the change in the number of open brackets.</summary>
    private int ReadElement(int tagStart)
    {
        if (_position >= _source.Length)
        {
            throw _errors.At(tagStart, "tag without an end.");
        }

        var c = _source[_position];
        if (char.IsAsciiLetter(c) || c == '_')
        {
            ReadWhile(TemplateTokenKind.Name, static unit => char.IsAsciiLetterOrDigit(unit) || unit == '_');
        }
        else if (char.IsAsciiDigit(c))
        {
            ReadNumber();
        }
        else if (c is '"' or '\'')
        {
            ReadString(c);
        }
        else
        {
            return ReadOperator(c);
        }

        return 0;
    }

    private void ReadWhile(TemplateTokenKind kind, Func<char, bool> belongs)
    {
        var start = _position;
        while (_position < _source.Length && belongs(_source[_position]))
        {
            _position++;
        }

        _tokens.Add(new(kind, _source[start.._position], start));
    }

    private void ReadNumber()
    {
        var start = _position;
        ReadWhile(TemplateTokenKind.Integer, static unit => char.IsAsciiDigit(unit) || unit == '_');
        var isFloat = false;
        if (IsDigit(_position + 1) && _source[_position] == '.')
        {
            isFloat = true;
            SkipDigits(_position + 1);
        }

        if (_position < _source.Length && _source[_position] is 'e' or 'E')
        {
            var digits = _position + 1 < _source.Length && _source[_position + 1] is '+' or '-' ? _position + 2 : _position + 1;
            if (IsDigit(digits))
            {
                isFloat = true;
                SkipDigits(digits);
            }
        }

        if (isFloat)
        {
            _tokens[^1] = new(TemplateTokenKind.Float, _source[start.._position], start);
        }
    }

    private bool IsDigit(int position) => position < _source.Length && char.IsAsciiDigit(_source[position]);

    private void SkipDigits(int position)
    {
        while (IsDigit(position))
        {
            position++;
        }

        _position = position;
    }

    private void ReadString(char quote)
    {
        var start = _position++;
        var value = new StringBuilder();
        while (_position < _source.Length && _source[_position] != quote)
        {
            if (_source[_position] == '\\' && _position + 1 < _source.Length)
            {
                ReadEscape(value);
            }
            else
            {
                value.Append(_source[_position++]);
            }
        }

        if (_position >= _source.Length)
        {
            throw _errors.At(start, "string without an end.");
        }

        _position++;
        _tokens.Add(new(TemplateTokenKind.String, value.ToString(), start));
    }

    private void ReadEscape(StringBuilder value)
    {
        var c = _source[_position + 1];
        var digits = c switch { 'x' => 2, 'u' => 4, _ => 0 };
        if (digits > 0 && _position + 2 + digits <= _source.Length
            && ushort.TryParse(_source.AsSpan(_position + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
        {
            value.Append((char)unit);
            _position += 2 + digits;
            return;
        }

        _position += 2;
        _ = c switch
        {
            'n' => value.Append('\n'),
            't' => value.Append('\t'),
            'r' => value.Append('\r'),
            'b' => value.Append('\b'),
            'f' => value.Append('\f'),
            '0' => value.Append('\0'),
            '\\' or '\'' or '"' => value.Append(c),
            '\n' => value,
            _ => value.Append('\\').Append(c),
        };
    }

    private int ReadOperator(char c)
    {
        var text = LongOperators.FirstOrDefault(candidate => _source.AsSpan(_position).StartsWith(candidate, StringComparison.Ordinal))
            ?? ("()[]{}.,:|~+-*/%<>=".Contains(c, StringComparison.Ordinal) ? c.ToString() : null)
            ?? throw _errors.At(_position, $"unexpected character \"{c}\".");
        _tokens.Add(new(TemplateTokenKind.Operator, text, _position));
        _position += text.Length;
        return c switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 };
    }
}
