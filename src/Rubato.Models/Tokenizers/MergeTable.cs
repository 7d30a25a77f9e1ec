namespace Rubato.Models.Tokenizers;

/// <summary>Which two neighbouring symbols merge into which third, and in what order.</summary>
internal sealed class MergeTable
{
    private readonly Dictionary<ulong, (int Rank, int Merged)> _merges = [];

    /// <summary>Makes the table; of a pair that is listed twice the first counts.</summary>
    public MergeTable(IEnumerable<(int Left, int Right, int Rank, int Merged)> merges)
    {
        foreach (var (left, right, rank, merged) in merges)
        {
            _merges.TryAdd(Key(left, right), (rank, merged));
        }
    }

    /// <summary>The merge of two symbols; lower ranks go first.</summary>
    public bool TryGet(int left, int right, out (int Rank, int Merged) merge) =>
        _merges.TryGetValue(Key(left, right), out merge);

    private static ulong Key(int left, int right) => unchecked((ulong)(uint)left << 32 | (uint)right);
}
