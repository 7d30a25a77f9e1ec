using Rubato.Models.Grammars.Automata;

namespace Rubato.Models.Grammars.Masks;

/// <summary>The masks of states that were met, the oldest forgotten first. Not thread-safe.</summary>
internal sealed class TokenMaskCache(int capacity)
{
    private readonly Dictionary<GrammarState, TokenMask> _masks = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<GrammarState> _order = [];

    public TokenMask? Find(GrammarState state) => _masks.GetValueOrDefault(state);

    public void Add(GrammarState state, TokenMask mask)
    {
        if (_masks.Count >= capacity)
        {
            _masks.Remove(_order.Dequeue());
        }

        _masks.Add(state, mask);
        _order.Enqueue(state);
    }
}
