namespace Rubato.Models.Tokenizers;

/// <summary>
/// Words as sequences of symbols, with how often each pair of neighbours occurs, kept up to date while pairs are merged.
/// </summary>
/// <remarks>
/// The most frequent pair comes from a heap whose entries may be stale: an entry is used only when its count is still right,
/// and is put back with the right count otherwise. Ties go to the pair of lower ids, so that the result repeats.
/// </remarks>
internal sealed class PairStatistics
{
    private readonly List<(int[] Symbols, int Length, long Count)> _words = [];
    private readonly Dictionary<(int Left, int Right), PairEntry> _pairs = [];
    private readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> _heap = new();
    private readonly HashSet<(int Left, int Right)> _risen = [];

    private sealed class PairEntry
    {
        public long Count { get; set; }

        public List<int> Words { get; } = [];
    }

    /// <summary>Adds a word that occurs <paramref name="count"/> times.</summary>
    public void AddWord(int[] symbols, long count)
    {
        var index = _words.Count;
        _words.Add((symbols, symbols.Length, count));
        for (var i = 1; i < symbols.Length; i++)
        {
            Change((symbols[i - 1], symbols[i]), count, index);
        }
    }

    /// <summary>Takes the most frequent pair; false when no pair occurs at least <paramref name="minimum"/> times.</summary>
    public bool TryTakeMostFrequent(long minimum, out (int Left, int Right) pair)
    {
        Flush();
        while (_heap.TryDequeue(out pair, out var priority))
        {
            var count = _pairs.TryGetValue(pair, out var entry) ? entry.Count : 0;
            if (count == -priority.NegativeCount)
            {
                return count >= minimum;
            }

            if (count > 0)
            {
                _heap.Enqueue(pair, (-count, pair.Left, pair.Right));
            }
        }

        return false;
    }

    /// <summary>Replaces every occurrence of <paramref name="pair"/> by <paramref name="merged"/>.</summary>
    public void Merge((int Left, int Right) pair, int merged)
    {
        foreach (var index in _pairs[pair].Words)
        {
            MergeInWord(index, pair, merged);
        }

        _pairs.Remove(pair);
        _risen.Remove(pair);
    }

    private void MergeInWord(int index, (int Left, int Right) pair, int merged)
    {
        var (symbols, length, count) = _words[index];
        var write = 0;
        for (var read = 0; read < length; read++)
        {
            var joins = symbols[read] == pair.Left && read + 1 < length && symbols[read + 1] == pair.Right;
            if (!joins)
            {
                symbols[write++] = symbols[read];
                continue;
            }

            if (write > 0)
            {
                Change((symbols[write - 1], pair.Left), -count, index);
                Change((symbols[write - 1], merged), count, index);
            }

            read++;
            if (read + 1 < length)
            {
                Change((pair.Right, symbols[read + 1]), -count, index);
                Change((merged, symbols[read + 1]), count, index);
            }

            symbols[write++] = merged;
        }

        _words[index] = (symbols, write, count);
    }

    private void Change((int Left, int Right) pair, long delta, int word)
    {
        if (!_pairs.TryGetValue(pair, out var entry))
        {
            _pairs.Add(pair, entry = new());
        }

        entry.Count += delta;
        if (delta > 0)
        {
            _risen.Add(pair);
            if (entry.Words.Count == 0 || entry.Words[^1] != word)
            {
                entry.Words.Add(word);
            }
        }
    }

    private void Flush()
    {
        foreach (var pair in _risen)
        {
            if (_pairs.TryGetValue(pair, out var entry) && entry.Count > 0)
            {
                _heap.Enqueue(pair, (-entry.Count, pair.Left, pair.Right));
            }
        }

        _risen.Clear();
    }
}
