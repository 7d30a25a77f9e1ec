namespace Rubato.Models.Tokenizers;

/// <summary>
/// Merges a sequence of symbols by a <see cref="MergeTable"/>: always the pair of lowest rank, of equal ranks the leftmost.
/// A linked list and a heap make it O(n log n). Holds buffers for reuse by one thread.
/// </summary>
internal sealed class SymbolMerger(MergeTable table)
{
    private readonly PriorityQueue<(int Position, int Left, int Right, int Merged), ulong> _queue = new();
    private int[] _symbols = new int[64];
    private int[] _next = new int[64];
    private int[] _previous = new int[64];

    /// <summary>Appends the merged <paramref name="symbols"/> to <paramref name="output"/>.</summary>
    public void Merge(ReadOnlySpan<int> symbols, List<int> output)
    {
        Load(symbols);
        while (_queue.TryDequeue(out var merge, out _))
        {
            var right = _next[merge.Position];
            if (_symbols[merge.Position] != merge.Left || right < 0 || _symbols[right] != merge.Right)
            {
                continue;
            }

            Join(merge.Position, right, merge.Merged);
        }

        for (var position = symbols.IsEmpty ? -1 : 0; position >= 0; position = _next[position])
        {
            output.Add(_symbols[position]);
        }
    }

    private void Load(ReadOnlySpan<int> symbols)
    {
        var count = symbols.Length;
        if (count > _symbols.Length)
        {
            _symbols = new int[count];
            _next = new int[count];
            _previous = new int[count];
        }

        symbols.CopyTo(_symbols);
        for (var i = 0; i < count; i++)
        {
            _next[i] = i + 1 < count ? i + 1 : -1;
            _previous[i] = i - 1;
        }

        for (var i = 0; i + 1 < count; i++)
        {
            Offer(i, i + 1);
        }
    }

    private void Join(int left, int right, int merged)
    {
        var after = _next[right];
        _symbols[left] = merged;
        _symbols[right] = -1;
        _next[left] = after;
        if (after >= 0)
        {
            _previous[after] = left;
            Offer(left, after);
        }

        if (_previous[left] >= 0)
        {
            Offer(_previous[left], left);
        }
    }

    private void Offer(int left, int right)
    {
        if (table.TryGet(_symbols[left], _symbols[right], out var merge))
        {
            var priority = (ulong)(uint)merge.Rank << 32 | (uint)left;
            _queue.Enqueue((left, _symbols[left], _symbols[right], merge.Merged), priority);
        }
    }
}
