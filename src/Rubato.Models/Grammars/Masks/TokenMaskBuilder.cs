using Rubato.Models.Grammars.Automata;

namespace Rubato.Models.Grammars.Masks;

/// <summary>
/// Finds the tokens that may come next by walking the tree of the vocabulary with the automaton. A byte that cannot come ends the walk for
/// all tokens that go on with it; a state in which plain text may follow allows all plain tokens at once, and the walk visits the others only.
/// </summary>
internal sealed class TokenMaskBuilder(VocabularyTrie trie, GrammarAutomaton automaton, PlainCharacters leftOut)
{
    /// <summary>Below smaller subtrees a walk costs less than the question whether plain text may follow.</summary>
    private const int SubtreeNodesMin = 24;

    private static readonly PlainCharacters[] Sets = [PlainCharacters.Text, PlainCharacters.Word, PlainCharacters.Small];

    private readonly GrammarState[] _path = new GrammarState[trie.LongestToken + 1];
    private readonly PlainTextSteps[] _steps = [.. Sets.Select((set, place) => new PlainTextSteps(automaton, set.Except(leftOut), place))];
    private readonly PlainTextSlice[] _slices = [.. Sets.Select(set => trie.Slice(set.Except(leftOut)))];

    public TokenMask Build(GrammarState state)
    {
        var mask = new TokenMask(trie.VocabularySize);
        _path[0] = state;
        if (PlainFrom(state) is ({ } slice, var reach))
        {
            mask.Add(slice.UpTo(reach));
            WalkOutside(slice.Outside, mask);
        }
        else
        {
            Walk(mask);
        }

        AddControlTokens(mask, state);
        return mask.Seal();
    }

    /// <summary>Tries the tokens of a tree, few of which share anything that could be skipped.</summary>
    private void WalkOutside(TokenTree tree, TokenMask mask)
    {
        for (var node = 0; node < tree.Count;)
        {
            ref readonly var here = ref tree[node];
            var next = automaton.Step(_path[here.Depth - 1], here.Label);
            if (next.IsDead)
            {
                node = here.End;
                continue;
            }

            _path[here.Depth] = next;
            foreach (var token in tree.TokensAt(node))
            {
                mask.Add(token);
            }

            node++;
        }
    }

    /// <summary>Tries all tokens, and those of a slice at once below every node where they are allowed.</summary>
    private void Walk(TokenMask mask)
    {
        var tree = trie.Tree;
        PlainTextSlice? slice = null;
        var sliceEnd = 0; // Before this node, the tokens of the slice are in the mask if they belong there.
        for (var node = 0; node < tree.Count;)
        {
            if (node < sliceEnd && slice!.NextOutsideFrom(node) is var outside && outside != node)
            {
                node = Math.Min(outside, sliceEnd);
                continue;
            }

            ref readonly var here = ref tree[node];
            var next = automaton.Step(_path[here.Depth - 1], here.Label);
            if (next.IsDead)
            {
                node = here.End;
                continue;
            }

            _path[here.Depth] = next;
            foreach (var token in tree.TokensAt(node))
            {
                mask.Add(token);
            }

            if (node >= sliceEnd && here.End - node >= SubtreeNodesMin && PlainFrom(next) is ({ } below, var reach) && below.Characters(node) >= 0)
            {
                below.AddBelow(node, here.End, reach, mask);
                (slice, sliceEnd) = (below, here.End);
            }

            node++;
        }
    }

    /// <summary>The largest set of tokens of which a state allows all up to some number of characters, and that number; null when it allows no character of any set.</summary>
    private (PlainTextSlice? Slice, int Reach) PlainFrom(GrammarState state)
    {
        for (var i = 0; i < Sets.Length; i++)
        {
            if (_steps[i].Reach(state, PlainTextSlice.CharactersMax) is var reach and > 0)
            {
                return (_slices[i], reach);
            }
        }

        return (null, -1);
    }

    private void AddControlTokens(TokenMask mask, GrammarState state)
    {
        foreach (var token in automaton.TokensAt(state))
        {
            mask.Add(token);
        }

        foreach (var token in state.IsFree ? trie.ControlTokens : [])
        {
            mask.Add(token);
        }

        // In free text a stop token is one like any other; it may end the text where the grammar lets it end.
        foreach (var token in state.Accepts ? trie.StopTokens : [])
        {
            mask.Add(token);
        }
    }
}
