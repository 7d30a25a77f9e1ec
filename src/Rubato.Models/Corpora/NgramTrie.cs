namespace Rubato.Models.Corpora;

/// <summary>Every n-gram up to an order as a node of a tree: the n-gram's parent is the n-gram without its last symbol.</summary>
/// <remarks>Children are found through one open-addressing hash table of (parent, symbol). Node 0 is the empty n-gram.</remarks>
internal sealed class NgramTrie
{
    private ulong[] _keys = new ulong[1 << 16];
    private int[] _nodes = new int[1 << 16];
    private int _mask = (1 << 16) - 1;

    public NgramTrie()
    {
        Parents.Add(-1);
        Occurrences.Add(0);
        LeftExtensions.Add(0);
    }

    /// <summary>The parent of each node.</summary>
    public List<int> Parents { get; } = [];

    /// <summary>How often each n-gram occurs.</summary>
    public List<int> Occurrences { get; } = [];

    /// <summary>How many different symbols stand before each n-gram.</summary>
    public List<int> LeftExtensions { get; } = [];

    public int Count => Parents.Count;

    /// <summary>The child, or -1.</summary>
    public int Find(int parent, int symbol)
    {
        var slot = Slot(Key(parent, symbol));
        return _nodes[slot] == 0 ? -1 : _nodes[slot];
    }

    /// <summary>The child, made when it is new.</summary>
    public int FindOrAdd(int parent, int symbol, out bool isNew)
    {
        var key = Key(parent, symbol);
        var slot = Slot(key);
        isNew = _nodes[slot] == 0;
        if (!isNew)
        {
            return _nodes[slot];
        }

        if (Parents.Count > _mask / 3 * 2)
        {
            Grow();
            slot = Slot(key);
        }

        var node = Parents.Count;
        (_keys[slot], _nodes[slot]) = (key, node);
        Parents.Add(parent);
        Occurrences.Add(0);
        LeftExtensions.Add(0);
        return node;
    }

    private static ulong Key(int parent, int symbol) => (ulong)parent << 32 | (uint)symbol;

    private int Slot(ulong key)
    {
        var hash = unchecked(key * 0x9e3779b97f4a7c15UL);
        var slot = (int)((hash >> 32) & (uint)_mask);
        while (_nodes[slot] != 0 && _keys[slot] != key)
        {
            slot = (slot + 1) & _mask;
        }

        return slot;
    }

    private void Grow()
    {
        var (keys, nodes) = (_keys, _nodes);
        _keys = new ulong[keys.Length * 2];
        _nodes = new int[keys.Length * 2];
        _mask = _keys.Length - 1;
        for (var i = 0; i < keys.Length; i++)
        {
            if (nodes[i] != 0)
            {
                var slot = Slot(keys[i]);
                (_keys[slot], _nodes[slot]) = (keys[i], nodes[i]);
            }
        }
    }
}
