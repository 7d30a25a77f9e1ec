using Rubato.Models.Grammars.Automata;

namespace Rubato.Models.Grammars.Masks;

/// <summary>Finds out whether a state of the automaton treats all plain characters alike, as it does inside strings and free text.</summary>
internal sealed class PlainTextSteps(GrammarAutomaton automaton, PlainCharacters ascii)
{
    /// <summary>With more ways on than this, characters are not alike.</summary>
    private const int WaysMax = 8;

    private readonly byte[] _ascii = [.. Enumerable.Range(0, 128).Select(unit => (byte)unit).Where(ascii.Contains)];
    private readonly List<GrammarState> _ways = [];
    private readonly List<GrammarState> _nextWays = [];

    /// <summary>
    /// How many plain characters may follow, whichever they are, up to <paramref name="most"/>; negative when that depends on the characters.
    /// </summary>
    public int Reach(GrammarState state, int most)
    {
        for (var characters = 0; characters < most; characters++)
        {
            if (After(state) is not { } next)
            {
                return -1;
            }

            if (next.IsDead)
            {
                return characters;
            }

            if (next == state)
            {
                return most;
            }

            state = next;
        }

        return most;
    }

    /// <summary>The state after one plain character, if it is the same for all; null when it is not.</summary>
    private GrammarState? After(GrammarState state)
    {
        if (!state.IsPlainKnown)
        {
            state.Plain = Find(state);
            state.IsPlainKnown = true;
        }

        return state.Plain;
    }

    private GrammarState? Find(GrammarState state)
    {
        GrammarState? common = null;
        foreach (var unit in _ascii)
        {
            var next = automaton.Step(state, unit);
            if (common is not null && !Same(common, next))
            {
                return null;
            }

            common ??= next;
        }

        foreach (var form in Utf8Progress.LongForms)
        {
            if (!LeadsOnlyTo(state, form, common!))
            {
                return null;
            }
        }

        return common;
    }

    private bool LeadsOnlyTo(GrammarState state, (byte Low, byte High)[] form, GrammarState target)
    {
        _ways.Clear();
        _ways.Add(state);
        foreach (var (low, high) in form)
        {
            _nextWays.Clear();
            foreach (var way in _ways)
            {
                for (int unit = low; unit <= high; unit++)
                {
                    var next = automaton.Step(way, (byte)unit);
                    if (!_nextWays.Exists(known => Same(known, next)))
                    {
                        _nextWays.Add(next);
                    }
                }

                if (_nextWays.Count > WaysMax)
                {
                    return false;
                }
            }

            _ways.Clear();
            _ways.AddRange(_nextWays);
        }

        return _ways.TrueForAll(way => Same(way, target));
    }

    /// <summary>Equal states are one object, unless the automaton forgot one in between; then the walk finds out.</summary>
    private static bool Same(GrammarState a, GrammarState b) => a == b || (a.IsDead && b.IsDead);
}
