namespace Rubato.Models.Tokenizers;

/// <summary>Which two neighbouring symbols merge into which third, and in what order. A hash table with open addresses.</summary>
/// <remarks>
/// A vocabulary comes from anywhere, so places are drawn with the process's own random seed (<see cref="HashCode"/>): no choice of tokens
/// can put many pairs in one place.
/// </remarks>
internal sealed class MergeTable
{
    private readonly Entry[] _entries;

    private readonly record struct Entry(int Left, int Right, int Rank, int MergedPlusOne)
    {
        public bool IsFree => MergedPlusOne == 0;
    }

    /// <summary>Makes the table; of a pair that is listed twice the first counts.</summary>
    public MergeTable(IReadOnlyCollection<(int Left, int Right, int Rank, int Merged)> merges)
    {
        _entries = new Entry[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 3L / 2))];
        foreach (var (left, right, rank, merged) in merges)
        {
            ref var entry = ref Find(left, right);
            if (entry.IsFree)
            {
                entry = new(left, right, rank, merged + 1);
            }
        }
    }

    /// <summary>The merge of two symbols; lower ranks go first.</summary>
    public bool TryGet(int left, int right, out (int Rank, int Merged) merge)
    {
        ref readonly var entry = ref Find(left, right);
        merge = (entry.Rank, entry.MergedPlusOne - 1);
        return !entry.IsFree;
    }

    /// <summary>The entry of the pair, or the free one where it would be.</summary>
    private ref Entry Find(int left, int right)
    {
        var mask = _entries.Length - 1;
        for (var place = HashCode.Combine(left, right) & mask; ; place = (place + 1) & mask)
        {
            ref var entry = ref _entries[place];
            if (entry.IsFree || entry.Left == left && entry.Right == right)
            {
                return ref entry;
            }
        }
    }
}
