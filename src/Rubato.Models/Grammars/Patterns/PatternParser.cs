using System.Globalization;
using Rubato.Core;

namespace Rubato.Models.Grammars.Patterns;

/// <summary>
/// Reads the part of ECMAScript's regular expressions that a finite automaton can follow: characters, classes, groups, alternatives,
/// repetition, and anchors at the two ends. A pattern without anchors may match anywhere in the string, as JSON Schema has it.
/// </summary>
internal sealed class PatternParser
{
    private const int RepeatMax = 100_000;
    private const int EmptyRepeatMax = 16;

    private readonly string _pattern;
    private readonly GrammarLimits _limits;
    private int _at;

    private PatternParser(string pattern, GrammarLimits limits) => (_pattern, _limits) = (pattern, limits);

    /// <exception cref="InvalidFormatException">The pattern is malformed, too long, or uses what is not supported.</exception>
    public static Pattern Parse(string pattern, GrammarLimits limits)
    {
        if (pattern.Length > limits.PatternLength)
        {
            throw new InvalidFormatException($"has {pattern.Length} characters, more than {limits.PatternLength}");
        }

        var parser = new PatternParser(pattern, limits);
        var whole = parser.Alternatives(depth: 0);
        return parser._at == pattern.Length ? whole : throw parser.Fault("an unmatched )");
    }

    private Pattern Alternatives(int depth)
    {
        if (depth > _limits.PatternDepth)
        {
            throw Fault($"groups deeper than {_limits.PatternDepth}");
        }

        var result = Branch(depth);
        while (TryTake('|'))
        {
            result = result.Or(Branch(depth));
        }

        return result;
    }

    /// <summary>One alternative. Outside groups it is anchored by ^ and $, or else open to any text before and behind.</summary>
    private Pattern Branch(int depth)
    {
        var isTop = depth == 0;
        var fromStart = isTop && TryTake('^');
        var result = isTop && !fromStart ? Pattern.Anything : Pattern.Empty;
        var toEnd = false;
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            if (isTop && _pattern[_at] == '$' && (_at + 1 == _pattern.Length || _pattern[_at + 1] == '|'))
            {
                _at++;
                toEnd = true;
                break;
            }

            result = result.Then(Quantified(Atom(depth)));
        }

        return isTop && !toEnd ? result.Then(Pattern.Anything) : result;
    }

    private Pattern Atom(int depth)
    {
        switch (_pattern[_at])
        {
            case '(':
                return Group(depth);
            case '[':
                return Pattern.Of(CharacterClass());
            case '.':
                _at++;
                return Pattern.Of(CharacterSet.LineEnds.Complement());
            case '\\':
                return Pattern.Of(Escape(inClass: false));
            case '^' or '$':
                throw Fault("an anchor that is not at the pattern's end");
            case '*' or '+' or '?' or '{':
                throw Fault("a repetition of nothing");
            default:
                return Pattern.Of(CharacterSet.Of(NextCharacter()));
        }
    }

    private Pattern Group(int depth)
    {
        _at++;
        if (TryTake('?'))
        {
            if (_at + 1 < _pattern.Length && _pattern[_at] == '<' && _pattern[_at + 1] is not ('=' or '!'))
            {
                _at = _pattern.IndexOf('>', _at) is >= 0 and var end ? end + 1 : throw Fault("a group name without end");
            }
            else if (!TryTake(':'))
            {
                throw Fault("lookahead, lookbehind or an inline option, which is not supported");
            }
        }

        var inner = Alternatives(depth + 1);
        return TryTake(')') ? inner : throw Fault("a group without end");
    }

    private Pattern Quantified(Pattern body)
    {
        if (_at >= _pattern.Length)
        {
            return body;
        }

        int min;
        int? max;
        switch (_pattern[_at])
        {
            case '*':
                (min, max) = (0, null);
                _at++;
                break;
            case '+':
                (min, max) = (1, null);
                _at++;
                break;
            case '?':
                (min, max) = (0, 1);
                _at++;
                break;
            case '{':
                (min, max) = Counts();
                break;
            default:
                return body;
        }

        // A lazy repetition matches the same texts.
        _ = TryTake('?');
        if (_at < _pattern.Length && _pattern[_at] is '*' or '+' or '{')
        {
            throw Fault("a repetition of a repetition");
        }

        return Repeat(body, min, max);
    }

    private Pattern Repeat(Pattern body, int min, int? max)
    {
        if (body.LengthMin > 0)
        {
            return body.Repeat(min, max);
        }

        // A body that may be empty can stand for any smaller number of itself.
        if (max is not > 1)
        {
            return body.Repeat(0, max);
        }

        if (max > EmptyRepeatMax)
        {
            throw Fault($"more than {EmptyRepeatMax} repetitions of what may be empty");
        }

        var result = Pattern.Empty;
        for (var i = 0; i < max; i++)
        {
            result = result.Then(body.Repeat(0, 1));
        }

        return result;
    }

    private (int Min, int? Max) Counts()
    {
        var end = _pattern.IndexOf('}', _at);
        var parts = end < 0 ? [] : _pattern[(_at + 1)..end].Split(',');
        if (parts.Length is not (1 or 2) || !TryCount(parts[0], out var min))
        {
            throw Fault("a { that is no repetition");
        }

        int? max = min;
        if (parts.Length == 2)
        {
            max = parts[1].Length == 0 ? null : TryCount(parts[1], out var most) ? most : throw Fault("a { that is no repetition");
        }

        if (max < min)
        {
            throw Fault("a repetition whose bounds are in the wrong order");
        }

        _at = end + 1;
        return (min, max);
    }

    private bool TryCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count)
        && (count <= RepeatMax ? true : throw Fault($"a repetition of more than {RepeatMax}"));

    private CharacterSet CharacterClass()
    {
        _at++;
        var isNegated = TryTake('^');
        var ranges = new List<(int Low, int High)>();
        while (!TryTake(']'))
        {
            if (_at >= _pattern.Length)
            {
                throw Fault("a character class without end");
            }

            var (low, item) = ClassItem();
            if (low is { } from && _at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
            {
                _at++;
                if (_at >= _pattern.Length || ClassItem().Character is not { } to || to < from)
                {
                    throw Fault("a range of characters in the wrong order");
                }

                item = CharacterSet.Of((from, to));
            }

            ranges.AddRange(item.Ranges);
        }

        var set = CharacterSet.Of([.. ranges]);
        return isNegated ? set.Complement() : set;
    }

    private (int? Character, CharacterSet Set) ClassItem()
    {
        if (_pattern[_at] == '\\')
        {
            var set = Escape(inClass: true);
            return (set.Ranges is [var (low, high)] && low == high ? low : null, set);
        }

        var character = NextCharacter();
        return (character, CharacterSet.Of(character));
    }

    private CharacterSet Escape(bool inClass)
    {
        if (++_at >= _pattern.Length)
        {
            throw Fault("a \\ at its end");
        }

        var letter = _pattern[_at];
        if (letter is 'x' or 'u')
        {
            _at++;
            return CharacterSet.Of(Hexadecimal(letter == 'x' ? 2 : 4));
        }

        var set = letter switch
        {
            'd' => CharacterSet.Digits,
            'D' => CharacterSet.Digits.Complement(),
            'w' => CharacterSet.WordCharacters,
            'W' => CharacterSet.WordCharacters.Complement(),
            's' => CharacterSet.WhiteSpace,
            'S' => CharacterSet.WhiteSpace.Complement(),
            'n' => CharacterSet.Of('\n'),
            'r' => CharacterSet.Of('\r'),
            't' => CharacterSet.Of('\t'),
            'f' => CharacterSet.Of('\f'),
            'v' => CharacterSet.Of('\v'),
            '0' => CharacterSet.Of(0),
            'b' when inClass => CharacterSet.Of('\b'),
            _ when !char.IsAsciiLetterOrDigit(letter) => CharacterSet.Of(NextCharacter()),
            _ => throw Fault($"\\{letter}, which is not supported"),
        };
        _at += char.IsAsciiLetterOrDigit(letter) ? 1 : 0;
        return set;
    }

    private int Hexadecimal(int digits)
    {
        if (_at + digits > _pattern.Length
            || !int.TryParse(_pattern.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value is >= 0xD800 and <= 0xDFFF)
        {
            throw Fault("a \\x or \\u that names no character");
        }

        _at += digits;
        return value;
    }

    private int NextCharacter()
    {
        if (!System.Text.Rune.TryGetRuneAt(_pattern, _at, out var rune))
        {
            throw Fault("half of a surrogate pair");
        }

        _at += rune.Utf16SequenceLength;
        return rune.Value;
    }

    private bool TryTake(char character)
    {
        if (_at < _pattern.Length && _pattern[_at] == character)
        {
            _at++;
            return true;
        }

        return false;
    }

    private InvalidFormatException Fault(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"has, near character {Math.Min(_at, _pattern.Length)}, {what}"));
}
