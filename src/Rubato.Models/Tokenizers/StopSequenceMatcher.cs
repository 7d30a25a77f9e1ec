using System.Collections.Immutable;
using System.Text;

namespace Rubato.Models.Tokenizers;

/// <summary>Ends streamed text before the first stop sequence: text that may be the start of one is held back until that is decided.</summary>
/// <remarks>
/// The sequence that is complete first wins; of two that are complete at the same character, the longer. However the text is cut into
/// deltas, the emitted text is the same. Linear time (Knuth–Morris–Pratt, one automaton per sequence). One instance serves one stream.
/// </remarks>
public sealed class StopSequenceMatcher
{
    private readonly ImmutableArray<Automaton> _automata;
    private readonly StringBuilder _held = new();

    /// <summary>Makes a matcher of sequences; with none, all text passes at once.</summary>
    /// <exception cref="ArgumentException">A sequence is empty.</exception>
    public StopSequenceMatcher(IEnumerable<string> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        _automata = [.. sequences.Select(sequence => new Automaton(sequence)).OrderByDescending(automaton => automaton.Sequence.Length)];
    }

    /// <summary>The sequence that ended the text, or null as long as none did.</summary>
    public string? Matched { get; private set; }

    /// <summary>Adds text; the part that is now known to stand before any stop sequence. After a match, nothing more.</summary>
    public string Append(string delta)
    {
        ArgumentNullException.ThrowIfNull(delta);
        foreach (var unit in delta)
        {
            if (Matched is not null)
            {
                return "";
            }

            _held.Append(unit);
            Advance(unit);
            if (Matched is { } sequence)
            {
                _held.Length -= sequence.Length;
                return Take(_held.Length);
            }
        }

        var open = _automata.IsEmpty ? 0 : _automata.Max(automaton => automaton.State);
        return Take(_held.Length - open);
    }

    /// <summary>The text still held back, at the end of the stream; empty after a match.</summary>
    public string Flush() => Take(Matched is null ? _held.Length : 0);

    private void Advance(char unit)
    {
        foreach (var automaton in _automata)
        {
            if (automaton.Advance(unit))
            {
                Matched ??= automaton.Sequence;
            }
        }
    }

    private string Take(int length)
    {
        if (length == 0)
        {
            return "";
        }

        var text = _held.ToString(0, length);
        _held.Remove(0, length);
        return text;
    }

    private sealed class Automaton
    {
        private readonly int[] _fallback;

        public Automaton(string sequence)
        {
            ArgumentException.ThrowIfNullOrEmpty(sequence);
            Sequence = sequence;
            _fallback = new int[sequence.Length];
            for (var i = 1; i < sequence.Length; i++)
            {
                _fallback[i] = Next(_fallback[i - 1], sequence[i]);
            }
        }

        public string Sequence { get; }

        /// <summary>How many characters at the end of the text so far could be the start of the sequence.</summary>
        public int State { get; private set; }

        public bool Advance(char unit)
        {
            State = Next(State, unit);
            return State == Sequence.Length;
        }

        private int Next(int state, char unit)
        {
            while (state > 0 && (state == Sequence.Length || Sequence[state] != unit))
            {
                state = _fallback[state - 1];
            }

            return Sequence[state] == unit ? state + 1 : 0;
        }
    }
}
