using System.Text;
using System.Text.Json;
using Rubato.Models.Chat.Tools;

namespace Rubato.Hosting.Output;

/// <summary>Finds calls in an answer as it comes: text goes through, what may be the beginning of a call is held back until that is decided.</summary>
/// <remarks>However the answer is cut into pieces, the content, the calls and their arguments are the same. One instance serves one answer.</remarks>
internal sealed class ToolCallReader
{
    /// <summary>Longest "{"name": …, "arguments":" that is waited for; the grammar lets none become longer.</summary>
    private const int HeaderMax = 4096;

    private readonly ToolCallSyntax _syntax;
    private readonly StringBuilder _held = new();
    private Place _place;
    private int _depth;
    private bool _inString;
    private bool _isEscaped;
    private bool _hasBegun;

    /// <param name="syntax">The model's way to write calls.</param>
    /// <param name="isForced">Whether the answer is calls and nothing else.</param>
    public ToolCallReader(ToolCallSyntax syntax, bool isForced)
    {
        _syntax = syntax;
        _place = isForced ? Place.Between : Place.Text;
    }

    private enum Place
    {
        Text,
        Between,
        Header,
        Arguments,
    }

    /// <summary>How many calls have begun.</summary>
    public int Calls { get; private set; }

    /// <summary>Takes in more of the answer.</summary>
    /// <returns>The content that became certain, and what calls gained, in order.</returns>
    public (string Content, List<ToolCallDelta> Calls) Append(string text)
    {
        var content = new StringBuilder();
        var calls = new List<ToolCallDelta>();
        foreach (var unit in text)
        {
            switch (_place)
            {
                case Place.Text:
                    ReadText(unit, content);
                    break;
                case Place.Between when unit == '{':
                    _held.Clear().Append(unit);
                    _place = Place.Header;
                    break;
                case Place.Header:
                    ReadHeader(unit, calls);
                    break;
                case Place.Arguments:
                    ReadArguments(unit, calls);
                    break;
            }
        }

        return (content.ToString(), calls);
    }

    /// <summary>The content that was held back, at the end of the answer.</summary>
    public string Flush()
    {
        var rest = _place == Place.Text ? _held.ToString() : "";
        _held.Clear();
        return rest;
    }

    private void ReadText(char unit, StringBuilder content)
    {
        _held.Append(unit);
        var held = _held.ToString();
        if (held.EndsWith(_syntax.Opening, StringComparison.Ordinal))
        {
            content.Append(held, 0, held.Length - _syntax.Opening.Length);
            _held.Clear();
            _place = Place.Between;
            return;
        }

        var bare = held.TrimStart(' ', '\n', '\r', '\t');
        if (!_syntax.NeedsOpening && !_hasBegun)
        {
            if (ToolCallSyntax.BareOpenings.Contains(bare))
            {
                _held.Clear().Append(bare);
                _place = Place.Header;
                return;
            }

            if (bare.Length == 0 || ToolCallSyntax.BareOpenings.Any(opening => opening.StartsWith(bare, StringComparison.Ordinal)))
            {
                return;
            }
        }

        var open = OpenLength(held);
        _hasBegun |= open < bare.Length;
        content.Append(held, 0, held.Length - open);
        _held.Remove(0, held.Length - open);
    }

    /// <summary>How much at the end of the text could be the beginning of the opening.</summary>
    private int OpenLength(string held)
    {
        for (var length = Math.Min(held.Length, _syntax.Opening.Length - 1); length > 0; length--)
        {
            if (held.AsSpan(held.Length - length).SequenceEqual(_syntax.Opening.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }

    private void ReadHeader(char unit, List<ToolCallDelta> calls)
    {
        if (_held.Length >= HeaderMax)
        {
            return;
        }

        _held.Append(unit);
        if (unit == ':' && NameOf(_held.ToString()) is { } name)
        {
            calls.Add(new(Calls++, name, "", IsComplete: false));
            _held.Clear();
            (_place, _depth, _inString, _isEscaped) = (Place.Arguments, 0, false, false);
        }
    }

    /// <summary>The function's name, when only the arguments are missing.</summary>
    private string? NameOf(string header)
    {
        try
        {
            using var document = JsonDocument.Parse(header + "null}");
            return document.RootElement.TryGetProperty(_syntax.ArgumentsName, out _)
                && document.RootElement.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        }
        catch (JsonException)
        {
            return null; // The colon is part of a text.
        }
    }

    private void ReadArguments(char unit, List<ToolCallDelta> calls)
    {
        if (_depth == 0 && unit is ' ' or '\n' or '\t')
        {
            return;
        }

        if (_inString)
        {
            _inString = _isEscaped || unit != '"';
            _isEscaped = !_isEscaped && unit == '\\';
        }
        else
        {
            _inString = unit == '"';
            _depth += unit is '{' or '[' ? 1 : unit is '}' or ']' ? -1 : 0;
        }

        var isComplete = _depth == 0 && !_inString;
        _place = isComplete ? Place.Between : _place;
        var last = calls.Count > 0 ? calls[^1] : default;
        if (calls.Count > 0 && last.Name is null && last.Index == Calls - 1)
        {
            calls[^1] = last with { Arguments = last.Arguments + unit, IsComplete = isComplete };
        }
        else
        {
            calls.Add(new(Calls - 1, null, unit.ToString(), isComplete));
        }
    }
}
