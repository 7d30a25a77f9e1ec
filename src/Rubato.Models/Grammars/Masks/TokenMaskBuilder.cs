using Rubato.Models.Grammars.Automata;

namespace Rubato.Models.Grammars.Masks;

/// <summary>Finds the tokens that may come next by walking the tree of the vocabulary with the automaton: a token that leaves the grammar
/// ends the walk for all tokens that begin with it.</summary>
internal sealed class TokenMaskBuilder(VocabularyTrie trie, GrammarAutomaton automaton)
{
    private readonly GrammarState[] _path = new GrammarState[trie.LongestToken + 1];

    public TokenMask Build(GrammarState state)
    {
        var mask = new TokenMask(trie.VocabularySize);
        _path[0] = state;
        for (var node = 0; node < trie.Nodes;)
        {
            var depth = trie.Depth(node);
            var next = automaton.Step(_path[depth - 1], trie.Label(node));
            if (next.IsDead)
            {
                node = trie.End(node);
                continue;
            }

            _path[depth] = next;
            foreach (var token in trie.TokensAt(node))
            {
                mask.Add(token);
            }

            node++;
        }

        AddControlTokens(mask, state);
        return mask.Seal();
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
