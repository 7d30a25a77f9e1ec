using System.Text.Json;
using System.Text.Unicode;
using Rubato.Core;

namespace Rubato.Serving.Journal;

/// <summary>Reads a journal line by line and refuses one that no scheduler can have written.</summary>
/// <remarks>
/// Besides the form of each line it checks that time never goes back and that plans and completions alternate. Memory is bounded
/// by the longest line; the depth of nesting by 8.
/// </remarks>
public sealed class JournalReader
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };
    private readonly JournalLines _lines;
    private readonly string _name;
    private Instant _at = new(long.MinValue);
    private long _steps;
    private bool _outstanding;

    /// <summary>Reads the header.</summary>
    /// <param name="stream">The journal; the caller's.</param>
    /// <param name="name">What messages call it, as a file name.</param>
    /// <exception cref="InvalidFormatException">The header is not one; the message has the line.</exception>
    public JournalReader(Stream stream, string name = "journal")
    {
        ArgumentNullException.ThrowIfNull(stream);
        _name = name;
        _lines = new(stream, name);
        using var line = NextLine() ?? throw new InvalidFormatException(_lines.CutShort
            ? $"{name}, line 1: it is cut off, every line must end with a line feed."
            : $"{name}: it is empty; a journal starts with a header line.");
        Header = Decode(line, JournalCodec.ReadHeader);
    }

    /// <summary>How the recorded scheduler was made.</summary>
    public JournalHeader Header { get; }

    /// <summary>Number of the line read last, from 1.</summary>
    public int LineNumber => _lines.Number;

    /// <summary>The name and the line read last, for messages.</summary>
    public string Place => $"{_name}, line {LineNumber}";

    /// <summary>
    /// After the end: whether the journal ends in the middle of a line, as when its writer was killed or its disk was full. That line is
    /// left out.
    /// </summary>
    public bool CutShort => _lines.CutShort;

    /// <summary>The next entry; null at the end.</summary>
    /// <exception cref="InvalidFormatException">The line breaks the format; the message has the line, the field and the rule.</exception>
    public JournalEntry? Read()
    {
        using var line = NextLine();
        if (line is null)
        {
            return null;
        }

        var entry = Decode(line, JournalCodec.ReadEntry);
        if (entry.At < _at)
        {
            throw new InvalidFormatException($"{Place}: 'at' goes back from {_at.Nanoseconds} to {entry.At.Nanoseconds}.");
        }

        _at = entry.At;
        CheckOrder(entry);
        return entry;
    }

    private T Decode<T>(JsonDocument line, Func<JournalObject, string, T> decode)
    {
        try
        {
            return decode(new(line.RootElement, Place), Place);
        }
        catch (InvalidOperationException failure)
        {
            throw new InvalidFormatException($"{Place}: a string is not valid Unicode.", failure);
        }
    }

    private void CheckOrder(JournalEntry entry)
    {
        if (entry is PlanEntry)
        {
            if (_outstanding)
            {
                throw new InvalidFormatException($"{Place}: a plan follows a plan that is not completed.");
            }

            _outstanding = true;
        }
        else if (entry is CompleteEntry complete)
        {
            if (!_outstanding || complete.Step != _steps)
            {
                throw new InvalidFormatException(
                    $"{Place}: step {complete.Step} completes, outstanding is {(_outstanding ? $"step {_steps}" : "none")}.");
            }

            _outstanding = false;
            _steps++;
        }
    }

    private JsonDocument? NextLine()
    {
        if (!_lines.TryRead(out var bytes))
        {
            return null;
        }

        if (!Utf8.IsValid(bytes.Span))
        {
            throw new InvalidFormatException($"{Place}: it is not valid UTF-8.");
        }

        try
        {
            var document = JsonDocument.Parse(bytes, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document
                : throw new InvalidFormatException($"{Place}: it is not a JSON object.");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new InvalidFormatException(
                $"{Place}: it is not valid JSON, nested deeper than {Strict.MaxDepth}, or names a property twice.",
                failure);
        }
    }
}
