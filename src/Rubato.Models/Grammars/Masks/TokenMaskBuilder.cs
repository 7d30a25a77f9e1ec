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

    private readonly GrammarState[] _path = new GrammarState[trie.LongestToken + 1];
    private readonly PlainTextSlice _slice = trie.Slice(leftOut);
    private readonly PlainTextSteps _steps = new(automaton, PlainCharacters.Json.Except(leftOut));

    public TokenMask Build(GrammarState state)
    {
        var mask = new TokenMask(trie.VocabularySize);
        _path[0] = state;
        var reach = _steps.Reach(state, PlainTextSlice.CharactersMax);
        if (reach > 0)
        {
            mask.Add(_slice.UpTo(reach));
        }

        Walk(mask, reach >= 0 ? trie.Nodes : 0);
        AddControlTokens(mask, state);
        return mask.Seal();
    }

    /// <param name="mask">Where to add the tokens that are found.</param>
    /// <param name="plainEnd">Before this node, plain tokens are in the mask if they belong there.</param>
    private void Walk(TokenMask mask, int plainEnd)
    {
        for (var node = 0; node < trie.Nodes;)
        {
            if (node < plainEnd && _slice.NextOutsideFrom(node) is var outside && outside != node)
            {
                node = Math.Min(outside, plainEnd);
                continue;
            }

            var depth = trie.Depth(node);
            var next = automaton.Step(_path[depth - 1], trie.Label(node));
            var end = trie.End(node);
            if (next.IsDead)
            {
                node = end;
                continue;
            }

            _path[depth] = next;
            foreach (var token in trie.TokensAt(node))
            {
                mask.Add(token);
            }

            if (node >= plainEnd && end - node >= SubtreeNodesMin && _slice.Characters(node) >= 0
                && _steps.Reach(next, PlainTextSlice.CharactersMax) is var reach and >= 0)
            {
                _slice.AddBelow(node, end, reach, mask);
                plainEnd = end;
            }

            node++;
        }
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
