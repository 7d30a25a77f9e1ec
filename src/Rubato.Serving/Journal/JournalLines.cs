using Rubato.Core;

namespace Rubato.Serving.Journal;

/// <summary>Cuts a stream into lines of bounded length; memory grows with the bytes read, never with a number that they claim.</summary>
internal sealed class JournalLines(Stream stream, string name)
{
    private const int LineBytesMax = 1 << 28;
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>Number of the line read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Whether the stream ended in the middle of a line, which is left out.</summary>
    public bool CutShort { get; private set; }

    /// <summary>The next line without its end; valid until the next call. False at the end of the stream.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = _buffer.AsMemory(_start, searched + length);
                _start += searched + length + 1;
                Number++;
                return true;
            }

            searched = _end - _start;
            if (!Fill())
            {
                line = default;
                CutShort = searched > 0;
                return false;
            }
        }
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_end >= LineBytesMax)
            {
                throw new InvalidFormatException($"{name}, line {Number + 1}: it is longer than {LineBytesMax} bytes.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
