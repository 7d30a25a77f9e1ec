using Rubato.Models.Grammars.Automata;

namespace Rubato.Models.Grammars.Masks;

/// <summary>Finds out whether a state of the automaton treats all characters of a set alike, as it does inside strings and free text.</summary>
/// <param name="automaton">The automaton.</param>
/// <param name="set">The characters.</param>
/// <param name="place">Where states remember what was found out about this set.</param>
internal sealed class PlainTextSteps(GrammarAutomaton automaton, PlainCharacters set, int place)
{
    /// <summary>With more ways on than this, characters are not alike.</summary>
    private const int WaysMax = 8;

    private readonly byte[] _ascii = automaton.Kinds(Enumerable.Range(0, 128).Select(unit => (byte)unit).Where(set.Contains));
    private readonly byte[][][] _longForms = set.HasLong
        ? [.. Utf8Progress.LongForms.Select(form => form.Select(range => automaton.Kinds(
            Enumerable.Range(range.Low, range.High - range.Low + 1).Select(unit => (byte)unit))).ToArray())]
        : [];

    private readonly List<GrammarState> _ways = [];
    private readonly List<GrammarState> _nextWays = [];

    /// <summary>
    /// How many characters of the set may follow, whichever they are, up to <paramref name="most"/>; negative when that depends on the characters.
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

    /// <summary>The state after one character, if it is the same for all of the set; null when it is not.</summary>
    private GrammarState? After(GrammarState state)
    {
        ref var after = ref state.AfterCharacter[place];
        if (!after.IsKnown)
        {
            after = (true, Find(state));
        }

        return after.Next;
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

        foreach (var form in _longForms)
        {
            if (!LeadsOnlyTo(state, form, common!))
            {
                return null;
            }
        }

        return common;
    }

    private bool LeadsOnlyTo(GrammarState state, byte[][] form, GrammarState target)
    {
        _ways.Clear();
        _ways.Add(state);
        foreach (var units in form)
        {
            _nextWays.Clear();
            foreach (var way in _ways)
            {
                foreach (var unit in units)
                {
                    var next = automaton.Step(way, unit);
                    if (!_nextWays.Contains(next))
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
