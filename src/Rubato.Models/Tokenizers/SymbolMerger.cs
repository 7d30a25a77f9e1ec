namespace Rubato.Models.Tokenizers;

/// <summary>
/// Merges a sequence of symbols by a <see cref="MergeTable"/>: always the pair of lowest rank, of equal ranks the leftmost.
/// A linked list and a heap make it O(n log n). Holds buffers for reuse by one thread.
/// </summary>
/// <remarks>
/// A heap key is "rank, position". It is stale, and skipped, when the pair that now stands at the position has another rank.
/// </remarks>
internal sealed class SymbolMerger(MergeTable table)
{
    private const int NoMerge = -1;

    private readonly MergeHeap _heap = new();
    private Node[] _nodes = new Node[64];

    private struct Node
    {
        public int Symbol;
        public int Next;
        public int Previous;
        public int Rank;
        public int Merged;
    }

    /// <summary>Appends the merged <paramref name="symbols"/> to <paramref name="output"/>.</summary>
    public void Merge(ReadOnlySpan<int> symbols, List<int> output)
    {
        Load(symbols);
        while (_heap.Count > 0)
        {
            var key = _heap.Take();
            var position = (int)(uint)(key & uint.MaxValue);
            if (_nodes[position].Rank == (int)(key >> 32))
            {
                Join(position);
            }
        }

        for (var position = symbols.IsEmpty ? -1 : 0; position >= 0; position = _nodes[position].Next)
        {
            output.Add(_nodes[position].Symbol);
        }
    }

    private void Load(ReadOnlySpan<int> symbols)
    {
        if (symbols.Length > _nodes.Length)
        {
            _nodes = new Node[symbols.Length];
        }

        for (var i = 0; i < symbols.Length; i++)
        {
            _nodes[i] = new() { Symbol = symbols[i], Next = i + 1 < symbols.Length ? i + 1 : -1, Previous = i - 1 };
        }

        for (var i = 0; i < symbols.Length; i++)
        {
            if (Rate(i))
            {
                _heap.AddUnordered(Key(i));
            }
        }

        _heap.Order();
    }

    private void Join(int left)
    {
        ref var node = ref _nodes[left];
        ref var right = ref _nodes[node.Next];
        right.Rank = NoMerge;
        node.Symbol = node.Merged;
        node.Next = right.Next;
        if (node.Next >= 0)
        {
            _nodes[node.Next].Previous = left;
        }

        Offer(left);
        if (node.Previous >= 0)
        {
            Offer(node.Previous);
        }
    }

    private void Offer(int position)
    {
        if (Rate(position))
        {
            _heap.Add(Key(position));
        }
    }

    /// <summary>Looks up whether the pair that starts at the position merges, and into what.</summary>
    private bool Rate(int position)
    {
        ref var node = ref _nodes[position];
        if (node.Next >= 0 && table.TryGet(node.Symbol, _nodes[node.Next].Symbol, out var merge))
        {
            (node.Rank, node.Merged) = merge;
            return true;
        }

        node.Rank = NoMerge;
        return false;
    }

    private ulong Key(int position) => (ulong)_nodes[position].Rank << 32 | (uint)position;
}
