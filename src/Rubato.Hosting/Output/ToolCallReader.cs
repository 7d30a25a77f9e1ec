using System.Collections.Immutable;
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
    private readonly ImmutableArray<string> _bareHeaders;
    private readonly bool _contentIsJson;
    private readonly StringBuilder _held = new();
    private Place _place;
    private int _depth;
    private bool _inString;
    private bool _isEscaped;
    private bool _hasBegun;

    /// <param name="syntax">The model's way to write calls.</param>
    /// <param name="isForced">Whether the answer is calls and nothing else.</param>
    /// <param name="functions">The functions that may be called: JSON that begins as no call of one of them is content.</param>
    /// <param name="contentIsJson">Whether what is no call is JSON, so that the beginning of a call may be content that was cut off.</param>
    public ToolCallReader(ToolCallSyntax syntax, bool isForced, ImmutableArray<string> functions, bool contentIsJson = false)
    {
        _contentIsJson = contentIsJson;
        _syntax = syntax;
        _bareHeaders = [.. functions.Select(name => $"{{\"name\":\"{name}\",\"{syntax.ArgumentsName}\":")];
        _place = isForced ? Place.Between : Place.Text;
    }

    private enum Place
    {
        Text,
        Between,
        Name,
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
                    ReadText(unit, content, calls);
                    break;
                case Place.Between when IsNamed:
                    ReadOpening(unit);
                    break;
                case Place.Name:
                    ReadName(unit, calls);
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
        var rest = _place != Place.Text || IsCutOffCall(_held.ToString()) ? "" : _held.ToString();
        _held.Clear();
        return rest;
    }

    /// <summary>In free text, what begins as bare calls do can only become one.</summary>
    private bool IsCutOffCall(string held) =>
        !_contentIsJson && !_syntax.NeedsOpening && !_hasBegun && WithoutBlanks(held).StartsWith("{\"name\":", StringComparison.Ordinal);

    /// <summary>Whether a call is a bare name, a marker, and arguments.</summary>
    private bool IsNamed => _syntax.ArgumentsMarker.Length > 0;

    private void ReadText(char unit, StringBuilder content, List<ToolCallDelta> calls)
    {
        _held.Append(unit);
        var held = _held.ToString();
        if (held.EndsWith(_syntax.Opening, StringComparison.Ordinal))
        {
            content.Append(held, 0, held.Length - _syntax.Opening.Length);
            _held.Clear();
            _place = IsNamed ? Place.Name : Place.Between;
            return;
        }

        var bare = held.TrimStart(' ', '\n', '\r', '\t');
        if (!_syntax.NeedsOpening && !_hasBegun && MayBeBareCall(bare, calls))
        {
            return;
        }

        var open = OpenLength(held);
        _hasBegun |= open < bare.Length;
        content.Append(held, 0, held.Length - open);
        _held.Remove(0, held.Length - open);
    }

    /// <summary>Whether the text so far begins a call without opening; when its header is complete, the call begins.</summary>
    private bool MayBeBareCall(string bare, List<ToolCallDelta> calls)
    {
        var header = WithoutBlanks(bare);
        for (var i = 0; i < _bareHeaders.Length; i++)
        {
            if (_bareHeaders[i] == header)
            {
                Begin(_bareHeaders[i].Split('"')[3], calls);
                return true;
            }
        }

        return _bareHeaders.Any(whole => whole.StartsWith(header, StringComparison.Ordinal));
    }

    /// <summary>JSON without the white space outside its texts, as far as it goes.</summary>
    private static string WithoutBlanks(string json)
    {
        var text = new StringBuilder();
        var inString = false;
        foreach (var unit in json)
        {
            inString ^= unit == '"'; // Names of functions hold no escapes.
            if (inString || unit is not (' ' or '\n' or '\r' or '\t'))
            {
                text.Append(unit);
            }
        }

        return text.ToString();
    }

    private void ReadOpening(char unit)
    {
        _held.Append(unit);
        if (_held.ToString().EndsWith(_syntax.Opening, StringComparison.Ordinal))
        {
            _held.Clear();
            _place = Place.Name;
        }
    }

    private void ReadName(char unit, List<ToolCallDelta> calls)
    {
        if (_held.Length >= HeaderMax)
        {
            return;
        }

        _held.Append(unit);
        var held = _held.ToString();
        if (held.EndsWith(_syntax.ArgumentsMarker, StringComparison.Ordinal))
        {
            var name = held[..^_syntax.ArgumentsMarker.Length];
            var id = _syntax.CallIdMarker.Length == 0 ? -1 : name.IndexOf(_syntax.CallIdMarker, StringComparison.Ordinal);
            Begin((id < 0 ? name : name[..id]).Trim(), calls);
        }
    }

    private void Begin(string name, List<ToolCallDelta> calls)
    {
        calls.Add(new(Calls++, name, "", IsComplete: false));
        _held.Clear();
        (_place, _depth, _inString, _isEscaped) = (Place.Arguments, 0, false, false);
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
            Begin(name, calls);
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
