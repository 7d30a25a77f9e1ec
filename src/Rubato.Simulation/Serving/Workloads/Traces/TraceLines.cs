using System.Text;
using Rubato.Core;

namespace Rubato.Simulation.Serving.Traces;

/// <summary>Cuts a text into lines of bounded length and count.</summary>
internal sealed class TraceLines(TextReader reader, string name)
{
    private const int LineMax = 1 << 16;
    private const int LinesMax = 2_000_000;
    private readonly StringBuilder _line = new();
    private readonly char[] _buffer = new char[1 << 14];
    private int _at;
    private int _end;

    /// <summary>Number of the line read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Where that is, for messages.</summary>
    public string Place => $"{name}, line {Number}";

    /// <summary>The next line without its end; null at the end of the text.</summary>
    public string? Read()
    {
        _line.Clear();
        while (_at < _end || Fill())
        {
            var rest = _buffer.AsSpan(_at, _end - _at);
            var length = rest.IndexOf('\n');
            _line.Append(length < 0 ? rest : rest[..length]);
            _at += length < 0 ? rest.Length : length + 1;
            if (_line.Length > LineMax)
            {
                throw new InvalidFormatException($"{name}, line {Number + 1}: it is longer than {LineMax} characters.");
            }

            if (length >= 0)
            {
                return Take();
            }
        }

        return _line.Length > 0 ? Take() : null;
    }

    private string Take()
    {
        if (++Number > LinesMax)
        {
            throw new InvalidFormatException($"{name}: it has more than {LinesMax} lines; cut it.");
        }

        return _line.ToString().TrimEnd('\r');
    }

    private bool Fill()
    {
        (_at, _end) = (0, reader.Read(_buffer, 0, _buffer.Length));
        return _end > 0;
    }
}
