using Rubato.Hosting.Engine;

namespace Rubato.Hosting.Output;

/// <summary>Takes the events of one answer apart: content, and calls of functions, in order.</summary>
/// <remarks>
/// Each event has one call at most, so that a client that looks at one at a time misses none. The first event of an answer always comes
/// out, be it empty; tokens and the end of an event go with its last part.
/// </remarks>
internal sealed class ToolCallEvents(ToolCallReader reader)
{
    private bool _hasBegun;

    /// <summary>Whether the answer has calls so far.</summary>
    public bool HasCalls => reader.Calls > 0;

    public List<GenerationEvent> Split(GenerationEvent next)
    {
        var (content, calls) = reader.Append(next.Text);
        content += next.End is null ? "" : reader.Flush();
        var parts = calls.Select(call => new GenerationEvent { Sequence = next.Sequence, Text = "", Tokens = [], Call = call }).ToList();
        if (content.Length > 0 || !_hasBegun)
        {
            parts.Insert(0, new GenerationEvent { Sequence = next.Sequence, Text = content, Tokens = [] });
            _hasBegun = true;
        }

        if (parts.Count > 0 && next.End is null)
        {
            parts[^1] = parts[^1] with { Tokens = next.Tokens };
        }
        else if (next.End is not null || !next.Tokens.IsEmpty)
        {
            parts.Add(new GenerationEvent { Sequence = next.Sequence, Text = "", Tokens = next.Tokens, End = next.End });
        }

        return parts;
    }
}
